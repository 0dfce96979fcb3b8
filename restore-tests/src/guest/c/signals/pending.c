#include "guest.h"

static volatile int calls;

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)context;
    EQ(signal, SIGUSR1);
    EQ(info->si_pid, getpid());
    calls++;
}

GUEST("a blocked signal is pending across the checkpoint and comes when it is unblocked, once") {
    sigset_t set;
    guest_handler(SIGUSR1, on_signal, 0);
    guest_block(SIGUSR1);
    guest_block(SIGHUP);
    SYS(kill(getpid(), SIGUSR1));
    SYS(kill(getpid(), SIGUSR1)); // a standard signal is pending only once
    checkpoint();
    EQ(calls, 0);
    SYS(sigpending(&set));
    EQ(sigismember(&set, SIGUSR1), 1);
    EQ(sigismember(&set, SIGHUP), 0);
    SYS(sigprocmask(SIG_BLOCK, NULL, &set));
    EQ(sigismember(&set, SIGHUP), 1);
    EQ(sigismember(&set, SIGUSR2), 0);
    guest_unblock(SIGUSR1);
    EQ(calls, 1);
    SYS(sigpending(&set));
    EQ(sigismember(&set, SIGUSR1), 0);
}
