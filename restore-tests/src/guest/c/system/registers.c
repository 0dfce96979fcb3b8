#include "guest.h"

/* Values in all general registers, while computing and over a call; compared bit by bit afterwards. */

static volatile bool stop;
static volatile int running;

#define LOAD                                                                               \
    "mov $0x1111111111111111, %%rbx; mov $0x2222222222222222, %%r8\n"                      \
    "mov $0x3333333333333333, %%r9; mov $0x4444444444444444, %%r10\n"                      \
    "mov $0x5555555555555555, %%r12; mov $0x6666666666666666, %%r13\n"                     \
    "mov $0x7777777777777777, %%r14; mov $0x0888888888888888, %%r15\n"

/* The sum of what the registers hold now. */
#define SUM "add %%r8, %%rbx; add %%r9, %%rbx; add %%r10, %%rbx; add %%r12, %%rbx\n" \
            "add %%r13, %%rbx; add %%r14, %%rbx; add %%r15, %%rbx; mov %%rbx, %[sum]\n"

#define EXPECTED                                                                            \
    (0x1111111111111111ul + 0x2222222222222222ul + 0x3333333333333333ul + 0x4444444444444444ul \
     + 0x5555555555555555ul + 0x6666666666666666ul + 0x7777777777777777ul + 0x0888888888888888ul)

static void *computing(void *unused) {
    unsigned long sum;
    (void)unused;
    running = 1;
    __asm__ volatile(LOAD "1: cmpb $0, (%[stop]); je 1b\n" SUM
                     : [sum] "=a"(sum) : [stop] "D"(&stop)
                     : "rbx", "r8", "r9", "r10", "r12", "r13", "r14", "r15", "memory");
    EQ(sum, EXPECTED);
    return NULL;
}

static void over_a_call(void) {
    unsigned long sum;
    struct timespec time = {0, 50 * MILLISECOND};
    // The direction flag is not for a call to change either.
    unsigned long flags;
    __asm__ volatile(LOAD "xor %%esi, %%esi; mov $35, %%eax; std\n"
                          "syscall\n"
                          "pushfq; pop %[flags]; cld\n" SUM
                     : [sum] "=a"(sum), [flags] "=&r"(flags) : "D"(&time)
                     : "rbx", "rcx", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory");
    EQ(sum, EXPECTED);
    CHECK(flags & 0x400);
}

static void *sleeping(void *unused) {
    (void)unused;
    for (int i = 0; i < 3; i++) {
        over_a_call();
    }
    return NULL;
}

GUEST("general registers and flags keep their values in threads that compute and over calls") {
    pthread_t threads[2];
    PTHREAD(pthread_create(&threads[0], NULL, computing, NULL));
    PTHREAD(pthread_create(&threads[1], NULL, sleeping, NULL));
    while (!running) {
        guest_sleep(MILLISECOND);
    }
    guest_settle();
    checkpoint();
    stop = true;
    for (int i = 0; i < 2; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
}
