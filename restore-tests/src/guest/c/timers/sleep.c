#include "guest.h"

static struct gate ready;

static void child(void *nanoseconds) {
    long time = (long)nanoseconds;
    struct timespec request = {0, time};
    long long before = guest_now(CLOCK_MONOTONIC);
    gate_open(&ready);
    SYS(nanosleep(&request, NULL));
    CHECK(guest_now(CLOCK_MONOTONIC) - before >= time);
}

GUEST("who sleeps goes on sleeping and wakes by itself, never too early") {
    pid_t pids[4];
    gate_make(&ready);
    for (long i = 0; i < 4; i++) {
        pids[i] = guest_child(child, (void *)((i * 60 + 40) * MILLISECOND));
        gate_pass(&ready);
    }
    checkpoint();
    for (int i = 0; i < 4; i++) {
        REAP(pids[i]);
    }
    child((void *)(5 * MILLISECOND));
}
