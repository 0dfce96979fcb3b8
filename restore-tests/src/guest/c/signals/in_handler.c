#include "guest.h"

static volatile int calls;

static void on_inner(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    EQ(info->si_value.sival_int, 2);
    checkpoint();
    calls++;
}

static void on_outer(int signal, siginfo_t *info, void *context) {
    sigset_t mask;
    (void)signal;
    (void)context;
    EQ(info->si_value.sival_int, 1);
    SYS(sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 2}));
    EQ(calls, 1);
    SYS(sigprocmask(SIG_BLOCK, NULL, &mask));
    EQ(sigismember(&mask, SIGUSR1), 1);
    EQ(sigismember(&mask, SIGUSR2), 0);
    calls++;
}

GUEST("a program saved within nested handlers returns from each of them") {
    SYS(sigaltstack(&(stack_t){.ss_sp = guest_pages(16), .ss_size = 16 * PAGE}, NULL));
    guest_handler(SIGUSR1, on_outer, SA_ONSTACK);
    guest_handler(SIGUSR2, on_inner, 0);
    SYS(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 1}));
    EQ(calls, 2);
    sigset_t mask;
    SYS(sigprocmask(SIG_BLOCK, NULL, &mask));
    EQ(sigismember(&mask, SIGUSR1), 0);
    stack_t stack;
    SYS(sigaltstack(NULL, &stack));
    EQ(stack.ss_flags, 0);
}
