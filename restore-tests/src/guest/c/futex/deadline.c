#include "futex.h"

static volatile int word;
static struct gate ready;

struct waiter {
    int operation;
    clockid_t clock;
    pthread_t thread;
};

static void *body(void *argument) {
    struct waiter *waiter = argument;
    long long end = guest_now(waiter->clock) + 100 * MILLISECOND;
    struct timespec deadline = futex_time(end);
    gate_open(&ready);
    FAILS(ETIMEDOUT, futex(&word, waiter->operation, 0, &deadline, NULL, FUTEX_BITSET_MATCH_ANY));
    CHECK(guest_now(waiter->clock) >= end);
    return NULL;
}

GUEST("deadlines by both clocks are kept across the checkpoint") {
    struct waiter waiters[] = {
        {FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, CLOCK_MONOTONIC, 0},
        {FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME, CLOCK_REALTIME, 0},
    };
    gate_make(&ready);
    for (int i = 0; i < 2; i++) {
        PTHREAD(pthread_create(&waiters[i].thread, NULL, body, &waiters[i]));
        gate_pass(&ready);
    }
    guest_settle();
    checkpoint();
    for (int i = 0; i < 2; i++) {
        PTHREAD(pthread_join(waiters[i].thread, NULL));
    }
    struct timespec past = futex_time(guest_now(CLOCK_MONOTONIC) - SECOND / 100);
    FAILS(ETIMEDOUT, futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &past, NULL, 1));
    FAILS(EINVAL, futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &past, NULL, 0));
}
