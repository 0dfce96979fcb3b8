#include "guest.h"

#define THREADS 10

static volatile int finished;
static struct gate go;

static void *body(void *unused) {
    (void)unused;
    gate_pass(&go);
    __sync_fetch_and_add(&finished, 1);
    return NULL;
}

GUEST("detached threads go on and end by themselves") {
    pthread_attr_t attributes;
    pthread_t thread;
    gate_make(&go);
    PTHREAD(pthread_attr_init(&attributes));
    PTHREAD(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED));
    for (int i = 0; i < THREADS; i++) {
        PTHREAD(pthread_create(&thread, &attributes, body, NULL));
    }
    checkpoint();
    EQ(finished, 0);
    for (int i = 0; i < THREADS; i++) {
        gate_open(&go);
    }
    while (finished < THREADS) {
        guest_sleep(MILLISECOND);
    }
    PTHREAD(pthread_create(&thread, &attributes, body, NULL));
    PTHREAD(pthread_create(&thread, &attributes, body, NULL)); // left behind at exit
}
