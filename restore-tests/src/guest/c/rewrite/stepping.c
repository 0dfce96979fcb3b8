#include <ucontext.h>

#include "callsite.h"

enum { TRAP_FLAG = 0x100, MOST = 64 };

static unsigned char *code;
static long stops[MOST];
static int count;

static void on_trap(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    long offset = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] - (long)code;
    if (offset >= 0 && offset < SITE_BYTES && count < MOST) {
        stops[count++] = offset;
    }
}

/* Sets the trap flag, calls, and clears it. */
static long stepped(const void *target) {
    long result;
    __asm__ volatile(
        "sub $128, %%rsp\n"
        "pushfq; orq %[flag], (%%rsp); popfq\n"
        "call *%[target]\n"
        "pushfq; andq %[rest], (%%rsp); popfq\n"
        "add $128, %%rsp"
        : "=a"(result)
        : [target] "b"(target), [flag] "i"(TRAP_FLAG), [rest] "i"(~TRAP_FLAG)
        : "rcx", "r11", "memory", "cc");
    return result;
}

/* Linux tells of the step over a call at once or after the instruction behind it. */
static void expect_steps(void) {
    count = 0;
    EQ(stepped(code), getpid());
    CHECK(count == 5 || count == 6);
    for (int i = 0; i < 4; i++) {
        EQ(stops[i], i);
    }
    EQ(stops[4], SITE_CALL);
    CHECK(count == 5 || stops[5] == SITE_BEHIND);
}

GUEST("single steps through a call site stop at its own instructions") {
    code = site_page(SYS_getpid);
    guest_handler(SIGTRAP, on_trap, 0);
    expect_steps();
    site_often(code, getpid());
    expect_steps();
    checkpoint();
    expect_steps();
    site_often(code, getpid());
}
