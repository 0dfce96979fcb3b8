#include <ucontext.h>

#include "guest.h"

/* Does the work of an instruction that this processor does not know: rax = 42. */
static void on_illegal(int signal, siginfo_t *info, void *argument) {
    ucontext_t *context = argument;
    EQ(signal, SIGILL);
    CHECK((long long)info->si_addr == context->uc_mcontext.gregs[REG_RIP]);
    EQ(context->uc_mcontext.gregs[REG_RBX], 0x1234567890);
    context->uc_mcontext.gregs[REG_RIP] += 2;
    context->uc_mcontext.gregs[REG_RAX] = 42;
    context->uc_mcontext.gregs[REG_R15] = -7;
    sigaddset(&context->uc_sigmask, SIGUSR2);
}

static void look(void) {
    long value = 0, other = 0;
    sigset_t mask;
    guest_unblock(SIGUSR2);
    __asm__ volatile("mov $0x1234567890, %%rbx; ud2; mov %%r15, %1"
                     : "=a"(value), "=r"(other) :: "rbx", "r15");
    EQ(value, 42);
    EQ(other, -7);
    SYS(sigprocmask(SIG_BLOCK, NULL, &mask));
    EQ(sigismember(&mask, SIGUSR2), 1);
    EQ(sigismember(&mask, SIGILL), 0);
}

GUEST("a handler may change registers and mask of what it returns to") {
    guest_handler(SIGILL, on_illegal, 0);
    look();
    checkpoint();
    look();
}
