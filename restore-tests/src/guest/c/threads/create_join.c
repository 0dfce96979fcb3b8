#include "guest.h"

#define THREADS 64

static struct gate go;

static void *body(void *argument) {
    long number = (long)argument;
    gate_pass(&go);
    return (void *)(number * number);
}

GUEST("64 threads that wait go on and are joined with what they return") {
    pthread_t threads[THREADS];
    void *value;
    gate_make(&go);
    for (long i = 0; i < THREADS; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, body, (void *)i));
    }
    guest_settle();
    checkpoint();
    for (long i = 0; i < THREADS; i++) {
        gate_open(&go);
    }
    for (long i = 0; i < THREADS; i++) {
        PTHREAD(pthread_join(threads[i], &value));
        EQ((long)value, i * i);
    }
    for (long i = 0; i < THREADS; i++) { // and new ones can be made
        PTHREAD(pthread_create(&threads[0], NULL, body, (void *)i));
        gate_open(&go);
        PTHREAD(pthread_join(threads[0], &value));
        EQ((long)value, i * i);
    }
}
