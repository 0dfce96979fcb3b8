#include <asm/prctl.h>

#include "callsite.h"

static unsigned char *code;
static struct gate ready, go;

static void *body(void *argument) {
    unsigned long value;
    (void)argument;
    site_often(code, getpid());
    gate_open(&ready);
    gate_pass(&go);
    site_often(code, getpid());
    SYS(syscall(SYS_arch_prctl, ARCH_GET_GS, &value));
    EQ(value, 0);
    return NULL;
}

static void child(void *base) {
    unsigned long value;
    site_often(code, getpid());
    __asm__ volatile("mov %%gs:0, %0" : "=r"(value));
    EQ(value, *(unsigned long *)base);
}

GUEST("GS base can be set while other threads make calls that were used often") {
    static unsigned long words[2] = {77, 88};
    unsigned long value;
    pthread_t thread;
    code = site_page(SYS_getpid);
    gate_make(&ready);
    gate_make(&go);
    site_often(code, getpid());
    PTHREAD(pthread_create(&thread, NULL, body, NULL));
    gate_pass(&ready);
    SYS(syscall(SYS_arch_prctl, ARCH_SET_GS, words));
    site_often(code, getpid());
    checkpoint();
    gate_open(&go);
    PTHREAD(pthread_join(thread, NULL));
    site_often(code, getpid());
    __asm__ volatile("mov %%gs:8, %0" : "=r"(value));
    EQ(value, 88);
    REAP(guest_child(child, words));
}
