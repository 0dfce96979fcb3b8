#include "guest.h"

static volatile int calls;
static volatile int other_calls;
static struct gate ready;

static void on_other(int signal, siginfo_t *info, void *context) {
    (void)info;
    (void)context;
    EQ(signal, SIGUSR1);
    other_calls++;
}

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)info;
    (void)context;
    sigset_t mask;
    EQ(signal, SIGUSR2);
    SYS(sigprocmask(SIG_BLOCK, NULL, &mask));
    EQ(sigismember(&mask, SIGUSR1), 1); // the mask of sigsuspend
    EQ(sigismember(&mask, SIGHUP), 0);
    calls++;
}

static void child(void *unused) {
    (void)unused;
    sigset_t mask;
    guest_handler(SIGUSR1, on_other, 0);
    guest_handler(SIGUSR2, on_signal, 0);
    guest_block(SIGUSR2);
    guest_block(SIGHUP);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    gate_open(&ready);
    FAILS(EINTR, sigsuspend(&mask));
    EQ(calls, 1);
    EQ(other_calls, 1); // it was open again as soon as the old mask was
    SYS(sigprocmask(SIG_BLOCK, NULL, &mask));
    EQ(sigismember(&mask, SIGUSR1), 0);
    EQ(sigismember(&mask, SIGUSR2), 1);
    EQ(sigismember(&mask, SIGHUP), 1);
}

GUEST("sigsuspend goes on waiting with its mask, and gives the old one back") {
    gate_make(&ready);
    pid_t pid = guest_child(child, NULL);
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    SYS(kill(pid, SIGUSR1)); // blocked by it, stays pending
    guest_settle();
    EQ(waitpid(pid, NULL, WNOHANG), 0);
    SYS(kill(pid, SIGUSR2));
    REAP(pid);
}
