#include <sys/timerfd.h>

#include "guest.h"

GUEST("a timerfd that fires once does so once; an expired one is still readable") {
    struct itimerspec soon = {{0, 0}, {0, 100 * MILLISECOND}}, later = {{0, 0}, {1000, 0}};
    struct itimerspec now, absolute = {0};
    uint64_t count;
    int fd = SYS(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
    int expired = SYS(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK));
    int pending = SYS(timerfd_create(CLOCK_BOOTTIME, 0));
    absolute.it_value.tv_sec = 1; // long ago
    SYS(timerfd_settime(expired, TFD_TIMER_ABSTIME, &absolute, NULL));
    SYS(timerfd_settime(pending, 0, &later, NULL));
    SYS(timerfd_settime(fd, 0, &soon, NULL));
    FAILS(EAGAIN, read(fd, &count, 8));
    checkpoint();
    EQ(read(expired, &count, 8), 8);
    EQ(count, 1);
    FAILS(EAGAIN, read(expired, &count, 8));
    for (int i = 0; i < 300; i++) {
        SYS(timerfd_settime(expired, TFD_TIMER_ABSTIME, &absolute, NULL));
        EQ(read(expired, &count, 8), 8); // has expired when it is set
        EQ(count, 1);
    }
    SYS(fcntl(fd, F_SETFL, 0));
    EQ(read(fd, &count, 8), 8); // waits, unless its time is over by now
    EQ(count, 1);
    SYS(timerfd_gettime(fd, &now));
    EQ(now.it_value.tv_sec, 0);
    EQ(now.it_value.tv_nsec, 0);
    SYS(timerfd_settime(pending, 0, &soon, &now));
    CHECK(now.it_value.tv_sec > 900 && now.it_value.tv_sec <= 1000);
    EQ(read(pending, &count, 8), 8);
    EQ(count, 1);
    FAILS(EINVAL, timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
    FAILS(EINVAL, read(fd, &count, 7));
}
