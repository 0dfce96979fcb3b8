#include <asm/prctl.h>

#include "guest.h"

static struct gate ready, go;

static void look(unsigned long *base) {
    unsigned long value, other;
    SYS(syscall(SYS_arch_prctl, ARCH_GET_GS, &value));
    EQ(value, base);
    __asm__ volatile("mov %%gs:8, %0" : "=r"(value));
    EQ(value, base[1]);
    SYS(syscall(SYS_arch_prctl, ARCH_GET_FS, &value));
    __asm__ volatile("mov %%fs:0, %0" : "=r"(other)); // the C library keeps the base there
    EQ(value, other);
}

static void *body(void *base) {
    SYS(syscall(SYS_arch_prctl, ARCH_SET_GS, base));
    look(base);
    gate_open(&ready);
    gate_pass(&go);
    look(base);
    return NULL;
}

GUEST("each thread keeps the bases of FS and GS") {
    static unsigned long bases[3][2] = {{1, 11}, {2, 22}, {3, 33}};
    pthread_t threads[2];
    gate_make(&ready);
    gate_make(&go);
    SYS(syscall(SYS_arch_prctl, ARCH_SET_GS, bases[0]));
    for (int i = 0; i < 2; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, body, bases[i + 1]));
        gate_pass(&ready);
    }
    look(bases[0]);
    checkpoint();
    look(bases[0]);
    gate_open(&go);
    gate_open(&go);
    for (int i = 0; i < 2; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
    FAILS(EPERM, syscall(SYS_arch_prctl, ARCH_SET_GS, -1L));
}
