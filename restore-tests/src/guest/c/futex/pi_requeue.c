#include "futex.h"

static volatile int word, owner;
static volatile int got;
static struct gate ready[3];

static void *wait_at_the_word(void *number) {
    struct timespec until = futex_time(guest_now(CLOCK_MONOTONIC) + 60 * SECOND);
    gate_open(&ready[(long)number]);
    EQ(futex(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, number == 0 ? NULL : &until, &owner, 0), 0);
    EQ(owner & FUTEX_TID_MASK, (int)syscall(SYS_gettid));
    got++;
    EQ(futex(&owner, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
    return NULL;
}

GUEST("waiters are moved to a word with an owner and get it one after another") {
    pthread_t threads[3];
    struct timespec past = {0, 1};
    for (long i = 0; i < 3; i++) {
        gate_make(&ready[i]);
        PTHREAD(pthread_create(&threads[i], NULL, wait_at_the_word, (void *)i));
        gate_pass(&ready[i]);
    }
    guest_settle();
    FAILS(EAGAIN, futex(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 1, NULL, &owner, 0));
    FAILS(EINVAL, futex(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, NULL, &word, 0));
    FAILS(ETIMEDOUT, futex(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, &past, &owner, 0));
    FAILS(EINVAL, futex(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 2, (void *)1, &owner, 0));
    FAILS(EAGAIN, futex(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)1, &owner, 1));
    EQ(futex(&owner, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
    /* Two wait for the owner, one has not been moved. */
    int moved = 0;
    while (moved < 2) {
        moved += SYS(futex(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, NULL, &owner, 0));
    }
    EQ(got, 0);
    checkpoint();
    EQ(got, 0);
    EQ(owner & FUTEX_TID_MASK, (int)syscall(SYS_gettid));
    CHECK((owner & FUTEX_WAITERS) != 0);
    EQ(futex(&owner, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0), 0);
    while (got < 2) {
        guest_sleep(MILLISECOND);
    }
    while (moved < 3) {
        moved += SYS(futex(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)1, &owner, 0));
    }
    for (int i = 0; i < 3; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
    EQ(got, 3);
    EQ(owner & FUTEX_TID_MASK, 0);
}
