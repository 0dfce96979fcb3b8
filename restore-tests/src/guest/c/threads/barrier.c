#include "guest.h"

#define THREADS 8
#define ROUNDS 20

static pthread_barrier_t barrier;
static volatile int arrived[ROUNDS];
static volatile int serial;

static void *body(void *unused) {
    (void)unused;
    for (int round = 0; round < ROUNDS; round++) {
        __sync_fetch_and_add(&arrived[round], 1);
        int result = pthread_barrier_wait(&barrier);
        CHECK(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
        if (result != 0) {
            __sync_fetch_and_add(&serial, 1);
        }
        EQ(arrived[round], THREADS);
    }
    return NULL;
}

GUEST("threads at a barrier stay there until the last one comes") {
    pthread_t threads[THREADS];
    PTHREAD(pthread_barrier_init(&barrier, NULL, THREADS));
    for (int i = 1; i < THREADS; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, body, NULL));
    }
    while (arrived[0] < THREADS - 1) {
        guest_sleep(MILLISECOND);
    }
    guest_settle();
    checkpoint();
    EQ(arrived[1], 0);
    body(NULL);
    for (int i = 1; i < THREADS; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
    EQ(serial, ROUNDS);
}
