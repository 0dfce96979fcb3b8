#include <semaphore.h>

#include "guest.h"

static sem_t semaphore;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static volatile int got, readers, writers;

static void *take(void *unused) {
    (void)unused;
    SYS(sem_wait(&semaphore));
    __sync_fetch_and_add(&got, 1);
    return NULL;
}

static void *reader(void *unused) {
    (void)unused;
    PTHREAD(pthread_rwlock_rdlock(&lock));
    EQ(writers, 0);
    __sync_fetch_and_add(&readers, 1);
    PTHREAD(pthread_rwlock_unlock(&lock));
    return NULL;
}

static void *writer(void *unused) {
    (void)unused;
    PTHREAD(pthread_rwlock_wrlock(&lock));
    EQ(__sync_fetch_and_add(&writers, 1), 0);
    EQ(__sync_fetch_and_sub(&writers, 1), 1);
    PTHREAD(pthread_rwlock_unlock(&lock));
    return NULL;
}

GUEST("semaphores and reader-writer locks keep who waits for them") {
    pthread_t threads[12];
    void *(*bodies[])(void *) = {take, reader, writer};
    SYS(sem_init(&semaphore, 0, 2));
    SYS(sem_wait(&semaphore));
    SYS(sem_wait(&semaphore));
    PTHREAD(pthread_rwlock_wrlock(&lock));
    for (int i = 0; i < 12; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, bodies[i % 3], NULL));
    }
    guest_settle();
    checkpoint();
    EQ(got, 0);
    EQ(readers, 0);
    FAILS(EAGAIN, sem_trywait(&semaphore));
    EQ(pthread_rwlock_tryrdlock(&lock) == 0, 0);
    PTHREAD(pthread_rwlock_unlock(&lock));
    for (int i = 0; i < 4; i++) {
        SYS(sem_post(&semaphore));
    }
    for (int i = 0; i < 12; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
    EQ(got, 4);
    EQ(readers, 4);
}
