#include "guest.h"

#define ITEMS 400
#define CONSUMERS 4

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, taken = PTHREAD_COND_INITIALIZER;
static int queue[4], length;
static long sum;

static void *consume(void *unused) {
    (void)unused;
    for (;;) {
        PTHREAD(pthread_mutex_lock(&mutex));
        while (length == 0) {
            PTHREAD(pthread_cond_wait(&filled, &mutex));
        }
        int item = queue[0];
        memmove(queue, queue + 1, --length * sizeof queue[0]);
        sum += item > 0 ? item : 0;
        PTHREAD(pthread_cond_signal(&taken));
        PTHREAD(pthread_mutex_unlock(&mutex));
        if (item < 0) {
            return NULL;
        }
    }
}

static void put(int item) {
    PTHREAD(pthread_mutex_lock(&mutex));
    while (length == 4) {
        PTHREAD(pthread_cond_wait(&taken, &mutex));
    }
    queue[length++] = item;
    PTHREAD(pthread_cond_signal(&filled));
    PTHREAD(pthread_mutex_unlock(&mutex));
}

static void *produce(void *unused) {
    (void)unused;
    for (int i = 1; i <= ITEMS; i++) {
        put(i);
    }
    return NULL;
}

GUEST("producers and consumers with a mutex and conditions lose nothing and do not hang") {
    pthread_t consumers[CONSUMERS], producer;
    PTHREAD(pthread_mutex_lock(&mutex)); // all of them wait for it
    for (int i = 0; i < CONSUMERS; i++) {
        PTHREAD(pthread_create(&consumers[i], NULL, consume, NULL));
    }
    PTHREAD(pthread_create(&producer, NULL, produce, NULL));
    guest_settle();
    checkpoint();
    PTHREAD(pthread_mutex_unlock(&mutex));
    PTHREAD(pthread_join(producer, NULL));
    for (int i = 0; i < CONSUMERS; i++) {
        put(-1);
    }
    for (int i = 0; i < CONSUMERS; i++) {
        PTHREAD(pthread_join(consumers[i], NULL));
    }
    EQ(sum, ITEMS * (ITEMS + 1) / 2);
}
