#include "guest.h"

static pthread_mutex_t mutex;
static volatile int order;

static void *body(void *unused) {
    (void)unused;
    PTHREAD(pthread_mutex_lock(&mutex));
    order++;
    PTHREAD(pthread_mutex_unlock(&mutex));
    return NULL;
}

GUEST("a mutex with priority inheritance is held and waited for across the checkpoint") {
    pthread_mutexattr_t attributes;
    pthread_t threads[3];
    PTHREAD(pthread_mutexattr_init(&attributes));
    PTHREAD(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
    PTHREAD(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK));
    PTHREAD(pthread_mutex_init(&mutex, &attributes));
    PTHREAD(pthread_mutex_lock(&mutex));
    for (int i = 0; i < 3; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, body, NULL));
    }
    guest_settle();
    checkpoint();
    EQ(order, 0);
    EQ(pthread_mutex_lock(&mutex), EDEADLK);
    PTHREAD(pthread_mutex_unlock(&mutex));
    for (int i = 0; i < 3; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
    EQ(order, 3);
    EQ(pthread_mutex_unlock(&mutex), EPERM);
}
