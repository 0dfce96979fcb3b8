#include "guest.h"

#define THREADS 16

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int waiting, generation;

static void *body(void *unused) {
    (void)unused;
    PTHREAD(pthread_mutex_lock(&mutex));
    waiting++;
    while (generation == 0) {
        PTHREAD(pthread_cond_wait(&changed, &mutex));
    }
    waiting--;
    PTHREAD(pthread_mutex_unlock(&mutex));
    return NULL;
}

static int now_waiting(void) {
    PTHREAD(pthread_mutex_lock(&mutex));
    int number = waiting;
    PTHREAD(pthread_mutex_unlock(&mutex));
    return number;
}

GUEST("threads that wait for a condition are woken by it after the checkpoint, and not before") {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, body, NULL));
    }
    while (now_waiting() < THREADS) {
        guest_sleep(MILLISECOND);
    }
    checkpoint();
    EQ(now_waiting(), THREADS);
    PTHREAD(pthread_mutex_lock(&mutex));
    generation = 1;
    PTHREAD(pthread_cond_broadcast(&changed));
    PTHREAD(pthread_mutex_unlock(&mutex));
    for (int i = 0; i < THREADS; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
    EQ(waiting, 0);
    // A wait with a deadline ends.
    struct timespec soon;
    SYS(clock_gettime(CLOCK_REALTIME, &soon));
    soon.tv_nsec += 20 * MILLISECOND;
    soon.tv_sec += soon.tv_nsec / SECOND;
    soon.tv_nsec %= SECOND;
    PTHREAD(pthread_mutex_lock(&mutex));
    EQ(pthread_cond_timedwait(&changed, &mutex, &soon), ETIMEDOUT);
    PTHREAD(pthread_mutex_unlock(&mutex));
}
