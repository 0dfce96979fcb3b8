#include "guest.h"

static struct gate ready, never;
static volatile int cleaned;

static void clean(void *unused) {
    (void)unused;
    cleaned++;
}

static void *body(void *unused) {
    char byte;
    (void)unused;
    pthread_cleanup_push(clean, NULL);
    gate_open(&ready);
    (void)!read(never.ends[0], &byte, 1);
    pthread_cleanup_pop(0);
    return NULL;
}

GUEST("a thread that waits in read can be cancelled after the checkpoint") {
    pthread_t thread;
    void *value;
    gate_make(&ready);
    gate_make(&never);
    PTHREAD(pthread_create(&thread, NULL, body, NULL));
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    EQ(cleaned, 0);
    PTHREAD(pthread_cancel(thread));
    PTHREAD(pthread_join(thread, &value));
    CHECK(value == PTHREAD_CANCELED);
    EQ(cleaned, 1);
}
