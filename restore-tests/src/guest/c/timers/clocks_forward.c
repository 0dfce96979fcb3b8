#include <sys/time.h>

#include "guest.h"

static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE,
                                   CLOCK_BOOTTIME, CLOCK_REALTIME, CLOCK_REALTIME_COARSE};
#define CLOCKS 6

static long long last[CLOCKS];

static void look(void) {
    for (int i = 0; i < CLOCKS; i++) {
        long long now = guest_now(clocks[i]);
        CHECK(now >= last[i]);
        last[i] = now;
        struct timespec by_call; // past the vDSO
        SYS(syscall(SYS_clock_gettime, clocks[i], &by_call));
        CHECK(by_call.tv_sec * SECOND + by_call.tv_nsec >= now);
    }
}

GUEST("no clock goes back, and all ways to ask agree") {
    for (int i = 0; i < 200; i++) {
        look();
    }
    checkpoint();
    for (int i = 0; i < 200; i++) {
        look();
    }
    struct timeval day;
    long long before = guest_now(CLOCK_REALTIME);
    SYS(gettimeofday(&day, NULL));
    long long after = guest_now(CLOCK_REALTIME);
    long long now = day.tv_sec * SECOND + day.tv_usec * 1000;
    CHECK(now >= before - 1000 && now <= after);
    CHECK(time(NULL) >= before / SECOND - 1 && time(NULL) <= after / SECOND + 1);
    CHECK(before > 1700000000 * SECOND);
    CHECK(guest_now(CLOCK_BOOTTIME) >= guest_now(CLOCK_MONOTONIC) - SECOND / 10);
    long long start = guest_now(CLOCK_MONOTONIC);
    guest_sleep(20 * MILLISECOND);
    CHECK(guest_now(CLOCK_MONOTONIC) - start >= 20 * MILLISECOND);
    struct timespec resolution;
    SYS(clock_getres(CLOCK_MONOTONIC, &resolution));
    EQ(resolution.tv_sec, 0);
    EQ(resolution.tv_nsec, 1);
    FAILS(EINVAL, clock_gettime(1000, &resolution));
}
