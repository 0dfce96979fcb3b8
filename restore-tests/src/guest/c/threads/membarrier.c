#include <linux/membarrier.h>

#include "guest.h"

static long barrier(int command) {
    return syscall(SYS_membarrier, command, 0, 0);
}

static volatile int first, second, ended, bad;

/* With a barrier on the other side, the compiler's is enough here. */
static void *body(void *argument) {
    (void)argument;
    while (!ended) {
        int value = second;
        __asm__ volatile("" ::: "memory");
        if (first < value) {
            bad = 1;
        }
    }
    return NULL;
}

static void child(void *argument) {
    (void)argument;
    SYS(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
}

GUEST("membarrier does what it says it knows, and registrations are kept") {
    pthread_t thread;
    int wanted = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED
        | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED | MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED;
    EQ(SYS(barrier(MEMBARRIER_CMD_QUERY)) & wanted, wanted);
    FAILS(EPERM, barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
    FAILS(EINVAL, barrier(1 << 30));
    FAILS(EINVAL, syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 2, 0));
    SYS(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED));
    SYS(barrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED));
    PTHREAD(pthread_create(&thread, NULL, body, NULL));
    checkpoint();
    for (int i = 1; i < 200; i++) {
        first = i;
        SYS(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
        second = i;
    }
    SYS(barrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED));
    ended = 1;
    PTHREAD(pthread_join(thread, NULL));
    EQ(bad, 0);
    REAP(guest_child(child, NULL));
}
