/* The futex call itself, for tests of what the C library does not offer. */
#ifndef GUEST_FUTEX_H
#define GUEST_FUTEX_H

#include <linux/futex.h>

#include "guest.h"

static inline long futex(
    volatile int *word, int operation, int value, const void *timeout, volatile int *other, int mask) {
    return syscall(SYS_futex, word, operation, value, timeout, other, mask);
}

static inline struct timespec futex_time(long long nanoseconds) {
    return (struct timespec){nanoseconds / SECOND, nanoseconds % SECOND};
}

#endif
