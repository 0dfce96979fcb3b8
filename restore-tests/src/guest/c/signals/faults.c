#include <setjmp.h>

#include "guest.h"

static sigjmp_buf back;
static volatile siginfo_t last;

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    last = *info;
    siglongjmp(back, 1);
}

static void expect(int signal, int code) {
    EQ(last.si_signo, signal);
    EQ(last.si_code, code);
}

static void look(void) {
    if (sigsetjmp(back, 1) == 0) {
        __asm__ volatile("xor %%edx, %%edx; xor %%ecx, %%ecx; mov $1, %%eax; div %%ecx"
                         ::: "eax", "ecx", "edx");
    }
    expect(SIGFPE, FPE_INTDIV);
    if (sigsetjmp(back, 1) == 0) {
        __asm__ volatile("ud2");
    }
    expect(SIGILL, ILL_ILLOPN);
    if (sigsetjmp(back, 1) == 0) {
        __asm__ volatile("int3");
    }
    expect(SIGTRAP, SI_KERNEL);
    if (sigsetjmp(back, 1) == 0) {
        __asm__ volatile("hlt"); // not for user mode
    }
    expect(SIGSEGV, SI_KERNEL);
    if (sigsetjmp(back, 1) == 0) {
        *(volatile int *)16 = 1;
    }
    expect(SIGSEGV, SEGV_MAPERR);
    CHECK(last.si_addr == (void *)16);
    if (sigsetjmp(back, 1) == 0) {
        *(volatile int *)0x8000000000001000 = 1; // no address at all
    }
    expect(SIGSEGV, SI_KERNEL);
}

GUEST("each kind of fault raises its signal with its code") {
    int signals[] = {SIGFPE, SIGILL, SIGTRAP, SIGSEGV};
    for (int i = 0; i < 4; i++) {
        guest_handler(signals[i], on_fault, 0);
    }
    look();
    checkpoint();
    look();
}
