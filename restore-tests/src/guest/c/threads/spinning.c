#include "guest.h"

static volatile bool stop;
static volatile unsigned long shown[3];

/* Counts without any system call; the counter lives in a register only. */
static void *spin(void *argument) {
    volatile unsigned long *slot = argument;
    unsigned long count = 0, twin = 1000;
    while (!stop) {
        count++;
        twin++;
        __asm__ volatile("" : "+r"(count), "+r"(twin));
        *slot = count;
        CHECK(twin == count + 1000);
    }
    return (void *)count;
}

GUEST("threads that only compute are stopped anywhere and go on there") {
    pthread_t threads[3];
    void *count;
    for (int i = 0; i < 3; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, spin, (void *)&shown[i]));
    }
    for (int i = 0; i < 3; i++) {
        while (shown[i] == 0) {
            guest_sleep(MILLISECOND);
        }
    }
    unsigned long before = shown[0];
    checkpoint();
    for (int i = 0; i < 3; i++) {
        unsigned long now = shown[i];
        while (shown[i] == now) {
            guest_sleep(MILLISECOND);
        }
    }
    CHECK(shown[0] > before);
    stop = true;
    for (int i = 0; i < 3; i++) {
        PTHREAD(pthread_join(threads[i], &count));
        EQ((unsigned long)count, shown[i]);
    }
}
