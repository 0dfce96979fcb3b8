#include "futex.h"

#define THREADS 6

static volatile int first, second, woken;

static void *body(void *unused) {
    (void)unused;
    EQ(futex(&first, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0), 0);
    __sync_fetch_and_add(&woken, 1);
    return NULL;
}

static void until_woken(int number) {
    while (woken < number) {
        guest_sleep(MILLISECOND);
    }
    guest_settle();
    EQ(woken, number);
}

GUEST("FUTEX_CMP_REQUEUE wakes some and moves the rest to another word") {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, body, NULL));
    }
    guest_settle();
    checkpoint();
    guest_settle();
    FAILS(EAGAIN, futex(&first, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2L, &second, 5));
    long moved = 0; // those that had not gone to sleep come later
    while (moved < 3) {
        long now = SYS(futex(&first, FUTEX_CMP_REQUEUE_PRIVATE, 0, (void *)(3 - moved), &second, 0));
        moved += now;
    }
    EQ(woken, 0);
    EQ(futex(&second, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0), 2);
    until_woken(2);
    int left = THREADS - 3;
    while (left > 0) {
        left -= SYS(futex(&first, FUTEX_WAKE_PRIVATE, left, NULL, NULL, 0));
    }
    until_woken(5);
    EQ(futex(&second, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0), 1);
    for (int i = 0; i < THREADS; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
    EQ(futex(&second, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0), 0);
}
