#include "guest.h"

/* The state that only AVX-512 has: the upper halves, registers 16 to 31, and the mask registers. */

static volatile bool stop;
static volatile int running;

static void *computing(void *unused) {
    unsigned char values[128], seen[128];
    uint64_t mask = 0x0123456789abcdef, seen_mask;
    (void)unused;
    guest_fill(values, sizeof values, 3);
    running = 1;
    __asm__ volatile("vmovdqu64 (%[values]), %%zmm3; vmovdqu64 64(%[values]), %%zmm29\n"
                     "kmovq %[mask], %%k5\n"
                     "1: pause; cmpb $0, (%[stop]); je 1b\n"
                     "vmovdqu64 %%zmm3, (%[seen]); vmovdqu64 %%zmm29, 64(%[seen])\n"
                     "kmovq %%k5, %[seen_mask]; vzeroupper\n"
                     : [seen_mask] "=&r"(seen_mask)
                     : [values] "r"(values), [seen] "r"(seen), [stop] "r"(&stop), [mask] "r"(mask)
                     : "xmm3", "memory");
    CHECK(memcmp(values, seen, sizeof values) == 0);
    EQ(mask, seen_mask);
    return NULL;
}

GUEST("the registers of AVX-512, on machines that have it, keep their values") {
    pthread_t thread;
    bool supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
    if (supported) {
        PTHREAD(pthread_create(&thread, NULL, computing, NULL));
        while (!running) {
            guest_sleep(MILLISECOND);
        }
        guest_settle();
    }
    checkpoint();
    if (supported) {
        stop = true;
        PTHREAD(pthread_join(thread, NULL));
    }
}
