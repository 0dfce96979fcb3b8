#include "guest.h"

static struct gate ready;

static void child(void *clock_number) {
    clockid_t clock = (clockid_t)(long)clock_number;
    struct timespec deadline;
    SYS(clock_gettime(clock, &deadline));
    long long end = deadline.tv_sec * SECOND + deadline.tv_nsec + 120 * MILLISECOND;
    deadline = (struct timespec){end / SECOND, end % SECOND};
    gate_open(&ready);
    EQ(clock_nanosleep(clock, TIMER_ABSTIME, &deadline, NULL), 0);
    CHECK(guest_now(clock) >= end);
}

GUEST("an absolute sleep ends at its time on its clock") {
    clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME};
    pid_t pids[3];
    gate_make(&ready);
    for (int i = 0; i < 3; i++) {
        pids[i] = guest_child(child, (void *)(long)clocks[i]);
        gate_pass(&ready);
    }
    guest_settle();
    checkpoint();
    for (int i = 0; i < 3; i++) {
        REAP(pids[i]);
    }
    struct timespec wrong = {0, -1}, past = {1, 0};
    EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &wrong, NULL), EINVAL);
    EQ(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL), 0);
    EQ(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &past, NULL), EINVAL);
}
