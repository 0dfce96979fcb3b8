#include "futex.h"

#define THREADS 4

static volatile int word, woken;
static volatile int ids[THREADS];

static void *body(void *argument) {
    int number = (int)(long)argument;
    while (word == 0) {
        long result = futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, 1 << number);
        if (result == 0 && ids[number]) {
            break;
        }
        CHECK(result == 0 || errno == EINTR);
    }
    __sync_fetch_and_or(&woken, 1 << number);
    return NULL;
}

/* How many were woken; they must be asleep by now or soon. */
static void wake(int number) {
    ids[number] = 1;
    while (futex(&word, FUTEX_WAKE_BITSET_PRIVATE, INT_MAX, NULL, NULL, 1 << number) == 0) {
        guest_sleep(MILLISECOND);
    }
}

GUEST("FUTEX_WAKE_BITSET wakes those that wait with a bit of its mask") {
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, body, (void *)i));
    }
    guest_settle();
    checkpoint();
    EQ(woken, 0);
    EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, INT_MAX, NULL, NULL, 1 << 10), 0);
    wake(2);
    PTHREAD(pthread_join(threads[2], NULL));
    EQ(woken, 1 << 2);
    wake(0);
    PTHREAD(pthread_join(threads[0], NULL));
    EQ(woken, 1 << 2 | 1 << 0);
    word = 1;
    SYS(futex(&word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0)); // matches any mask
    PTHREAD(pthread_join(threads[1], NULL));
    PTHREAD(pthread_join(threads[3], NULL));
}
