#include "tracee.h"

enum { ROUNDS = 300 };

static volatile int got;

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    got++;
}

static void body(void *unused) {
    (void)unused;
    guest_handler(SIGALRM, on_signal, 0);
    for (int i = 1; i <= ROUNDS; i++) {
        errno = 0;
        EQ(pause(), -1);
        EQ(errno, EINTR);
        EQ(got, i);
    }
}

/* The tracee may not have parked yet when its tracer, woken by the stop, has sent the signal. */
GUEST("a signal given at a call's entry cuts the call short, however fast it comes") {
    pid_t pid = tracee_child(body, NULL);
    for (int i = 1; i <= ROUNDS; i++) {
        EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP);
        while (tracee_registers(pid).orig_rax != SYS_pause) {
            EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP);
        }
        if (i == ROUNDS / 2) {
            checkpoint();
        }
        EQ(tracee_next(PTRACE_SYSCALL, pid, SIGALRM), SIGTRAP);
        EQ(tracee_registers(pid).rax, -514); // ERESTARTNOHAND
        EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGALRM);
        tracee_go(PTRACE_SYSCALL, pid, SIGALRM);
        EQ(tracee_stop(pid), SIGTRAP); // rt_sigreturn
        EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP);
    }
    tracee_go(PTRACE_CONT, pid, 0);
    REAP(pid);
}
