#include "guest.h"

static pthread_mutex_t mutex;
static struct gate ready, go;

static void *die_holding(void *unused) {
    (void)unused;
    PTHREAD(pthread_mutex_lock(&mutex));
    gate_open(&ready);
    gate_pass(&go);
    return NULL;
}

static void *wait_for_it(void *unused) {
    (void)unused;
    EQ(pthread_mutex_lock(&mutex), EOWNERDEAD);
    PTHREAD(pthread_mutex_consistent(&mutex));
    PTHREAD(pthread_mutex_unlock(&mutex));
    return NULL;
}

GUEST("a robust mutex with priority inheritance goes from the dead to who waits") {
    pthread_mutexattr_t attributes;
    pthread_t holder, waiter;
    gate_make(&ready);
    gate_make(&go);
    PTHREAD(pthread_mutexattr_init(&attributes));
    PTHREAD(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
    PTHREAD(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
    PTHREAD(pthread_mutex_init(&mutex, &attributes));
    PTHREAD(pthread_create(&holder, NULL, die_holding, NULL));
    gate_pass(&ready);
    EQ(pthread_mutex_trylock(&mutex), EBUSY);
    PTHREAD(pthread_create(&waiter, NULL, wait_for_it, NULL));
    guest_settle();
    checkpoint();
    gate_open(&go);
    PTHREAD(pthread_join(holder, NULL));
    PTHREAD(pthread_join(waiter, NULL));
    PTHREAD(pthread_mutex_lock(&mutex));
    PTHREAD(pthread_mutex_unlock(&mutex));
}
