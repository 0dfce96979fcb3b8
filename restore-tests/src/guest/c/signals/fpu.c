#include <emmintrin.h>
#include <math.h>

#include "guest.h"

static volatile bool pause_here;

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    unsigned mode = 0x9f80; // flush to zero
    __asm__ volatile("pcmpeqb %%xmm0, %%xmm0; movdqa %%xmm0, %%xmm7; movdqa %%xmm0, %%xmm15; ldmxcsr %0; fld1; fld1"
                     :: "m"(mode) : "xmm0", "xmm7", "xmm15");
    if (pause_here) {
        checkpoint();
    }
}

/* Raises a signal while registers hold values, and returns whether all are as before. */
__attribute__((noinline)) static bool kept(void) {
    long result = SYS_tgkill;
    unsigned long low = 0x1122334455667788, high = 0x99aabbccddeeff00, one, two;
    unsigned before = 0x1fc0, after = 0; // denormals are zero
    double number = 0;
    __asm__ volatile("ldmxcsr %[before]\n"
                     "movq %[low], %%xmm7\n"
                     "movq %[high], %%xmm15\n"
                     "fldpi\n"
                     "syscall\n"
                     "movq %%xmm7, %[one]\n"
                     "movq %%xmm15, %[two]\n"
                     "fstpl %[number]\n"
                     "stmxcsr %[after]\n"
                     : "+a"(result), [one] "=&r"(one), [two] "=&r"(two), [number] "=m"(number),
                       [after] "=m"(after)
                     : "D"(getpid()), "S"(gettid()), "d"(SIGUSR1), [low] "r"(low), [high] "r"(high),
                       [before] "m"(before)
                     : "rcx", "r11", "xmm7", "xmm15", "memory");
    return result == 0 && one == low && two == high && number == M_PI && after == before;
}

GUEST("a handler does not disturb the floating point state of what it interrupts, even saved within it") {
    guest_handler(SIGUSR1, on_signal, 0);
    CHECK(kept());
    pause_here = true;
    CHECK(kept());
    pause_here = false;
    CHECK(kept());
}
