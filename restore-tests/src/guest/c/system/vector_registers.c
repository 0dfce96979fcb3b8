#include "guest.h"

/* A thread that keeps values in the widest registers there are: while it computes, and while it waits in a call. */

static volatile bool stop;
static volatile int running;
static struct gate go;
static bool wide;

static void *computing(void *unused) {
    unsigned char values[64], seen[64];
    (void)unused;
    guest_fill(values, sizeof values, 1);
    __sync_fetch_and_add(&running, 1);
    if (wide) {
        __asm__ volatile("vmovdqu (%[values]), %%ymm1; vmovdqu 32(%[values]), %%ymm14\n"
                         "1: pause; cmpb $0, (%[stop]); je 1b\n"
                         "vmovdqu %%ymm1, (%[seen]); vmovdqu %%ymm14, 32(%[seen]); vzeroupper\n"
                         :: [values] "r"(values), [seen] "r"(seen), [stop] "r"(&stop)
                         : "xmm1", "xmm14", "memory");
    } else {
        __asm__ volatile("movdqu (%[values]), %%xmm1; movdqu 16(%[values]), %%xmm2\n"
                         "movdqu 32(%[values]), %%xmm13; movdqu 48(%[values]), %%xmm14\n"
                         "1: pause; cmpb $0, (%[stop]); je 1b\n"
                         "movdqu %%xmm1, (%[seen]); movdqu %%xmm2, 16(%[seen])\n"
                         "movdqu %%xmm13, 32(%[seen]); movdqu %%xmm14, 48(%[seen])\n"
                         :: [values] "r"(values), [seen] "r"(seen), [stop] "r"(&stop)
                         : "xmm1", "xmm2", "xmm13", "xmm14", "memory");
    }
    CHECK(memcmp(values, seen, sizeof values) == 0);
    return NULL;
}

static void *waiting(void *unused) {
    unsigned char values[64], seen[64], byte;
    long count = SYS_read;
    (void)unused;
    guest_fill(values, sizeof values, 2);
    __sync_fetch_and_add(&running, 1);
    if (wide) {
        __asm__ volatile("vmovdqu (%[values]), %%ymm1; vmovdqu 32(%[values]), %%ymm14\n"
                         "syscall\n"
                         "vmovdqu %%ymm1, (%[seen]); vmovdqu %%ymm14, 32(%[seen]); vzeroupper\n"
                         : "+a"(count)
                         : [values] "r"(values), [seen] "r"(seen), "D"((long)go.ends[0]),
                           "S"(&byte), "d"(1L)
                         : "rcx", "r11", "xmm1", "xmm14", "memory");
    } else {
        __asm__ volatile("movdqu (%[values]), %%xmm1; movdqu 16(%[values]), %%xmm2\n"
                         "movdqu 32(%[values]), %%xmm13; movdqu 48(%[values]), %%xmm14\n"
                         "syscall\n"
                         "movdqu %%xmm1, (%[seen]); movdqu %%xmm2, 16(%[seen])\n"
                         "movdqu %%xmm13, 32(%[seen]); movdqu %%xmm14, 48(%[seen])\n"
                         : "+a"(count)
                         : [values] "r"(values), [seen] "r"(seen), "D"((long)go.ends[0]),
                           "S"(&byte), "d"(1L)
                         : "rcx", "r11", "xmm1", "xmm2", "xmm13", "xmm14", "memory");
    }
    EQ(count, 1);
    CHECK(memcmp(values, seen, sizeof values) == 0);
    return NULL;
}

GUEST("vector registers keep their values in threads that compute and threads that wait") {
    pthread_t threads[4];
    wide = __builtin_cpu_supports("avx2");
    gate_make(&go);
    for (int i = 0; i < 4; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, i % 2 == 0 ? computing : waiting, NULL));
    }
    while (running < 4) {
        guest_sleep(MILLISECOND);
    }
    guest_settle();
    checkpoint();
    stop = true;
    gate_open(&go);
    gate_open(&go);
    for (int i = 0; i < 4; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
}
