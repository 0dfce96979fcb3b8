#include "futex.h"

static volatile int word;
static struct gate ready;

static void *body(void *unused) {
    struct timespec timeout = futex_time(150 * MILLISECOND);
    (void)unused;
    long long before = guest_now(CLOCK_MONOTONIC);
    gate_open(&ready);
    FAILS(ETIMEDOUT, futex(&word, FUTEX_WAIT_PRIVATE, 0, &timeout, NULL, 0));
    CHECK(guest_now(CLOCK_MONOTONIC) - before >= 150 * MILLISECOND);
    return NULL;
}

GUEST("a wait with a timeout ends when its time has come, not before") {
    pthread_t thread;
    gate_make(&ready);
    PTHREAD(pthread_create(&thread, NULL, body, NULL));
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    PTHREAD(pthread_join(thread, NULL));
    struct timespec soon = futex_time(10 * MILLISECOND), wrong = {0, SECOND};
    FAILS(ETIMEDOUT, futex(&word, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0));
    FAILS(EAGAIN, futex(&word, FUTEX_WAIT_PRIVATE, 1, &soon, NULL, 0));
    FAILS(EINVAL, futex(&word, FUTEX_WAIT_PRIVATE, 0, &wrong, NULL, 0));
    FAILS(EINVAL, futex((volatile int *)((char *)&word + 1), FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0));
}
