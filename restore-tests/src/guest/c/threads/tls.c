#include "guest.h"

#define THREADS 8

static __thread long own = 5;
static __thread char text[64];
static pthread_key_t key;
static struct gate ready, go;

static void *body(void *argument) {
    long number = (long)argument;
    EQ(own, 5);
    own = number;
    snprintf(text, sizeof text, "thread %ld", number);
    PTHREAD(pthread_setspecific(key, text));
    errno = 100 + number; // errno is such a variable, too
    pthread_t self = pthread_self();
    int id = gettid();
    gate_open(&ready);
    gate_pass(&go);
    char expected[64];
    snprintf(expected, sizeof expected, "thread %ld", number);
    EQ(own, number);
    CHECK(strcmp(text, expected) == 0);
    CHECK(pthread_getspecific(key) == text);
    CHECK(pthread_equal(self, pthread_self()));
    EQ(gettid(), id);
    return NULL;
}

GUEST("each thread keeps its own variables") {
    pthread_t threads[THREADS];
    gate_make(&ready);
    gate_make(&go);
    PTHREAD(pthread_key_create(&key, NULL));
    for (long i = 0; i < THREADS; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, body, (void *)i));
    }
    for (int i = 0; i < THREADS; i++) {
        gate_pass(&ready);
    }
    own = 77;
    checkpoint();
    EQ(own, 77);
    for (int i = 0; i < THREADS; i++) {
        gate_open(&go);
    }
    for (int i = 0; i < THREADS; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
}
