#include <poll.h>
#include <sys/timerfd.h>

#include "guest.h"

GUEST("a periodic timerfd keeps its period and counts what was missed") {
    struct itimerspec period = {{0, 10 * MILLISECOND}, {0, 10 * MILLISECOND}}, now;
    uint64_t count;
    int fd = SYS(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
    long long start = guest_now(CLOCK_MONOTONIC);
    SYS(timerfd_settime(fd, 0, &period, NULL));
    EQ(read(fd, &count, 8), 8);
    CHECK(count >= 1);
    uint64_t total = count;
    guest_sleep(35 * MILLISECOND);
    checkpoint();
    EQ(read(fd, &count, 8), 8);
    CHECK(count >= 3);
    total += count;
    for (int i = 0; i < 3; i++) {
        struct pollfd polled = {.fd = fd, .events = POLLIN};
        EQ(SYS(poll(&polled, 1, 10000)), 1);
        EQ(read(fd, &count, 8), 8);
        total += count;
    }
    long long passed = guest_now(CLOCK_MONOTONIC) - start;
    CHECK((long long)total * 10 * MILLISECOND <= passed);
    SYS(timerfd_gettime(fd, &now));
    EQ(now.it_interval.tv_nsec, 10 * MILLISECOND);
    CHECK(now.it_value.tv_sec == 0 && now.it_value.tv_nsec > 0);
    CHECK(now.it_value.tv_nsec <= 10 * MILLISECOND);
}
