#include "tracee.h"

static volatile int got[65];

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)context;
    got[signal]++;
    if (signal == SIGUSR2) {
        EQ(info->si_value.sival_int, 42);
    }
}

static void body(void *unused) {
    (void)unused;
    int signals[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGALRM};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        guest_handler(signals[i], on_signal, 0);
    }
    signal(SIGWINCH, SIG_IGN);
    SYS(raise(SIGUSR1)); // suppressed
    SYS(raise(SIGUSR1)); // another instead
    SYS(raise(SIGUSR1)); // changed
    SYS(raise(SIGWINCH)); // seen though it is ignored
    EQ(got[SIGUSR1], 0);
    EQ(got[SIGHUP], 1);
    EQ(got[SIGUSR2], 1);
    errno = 0;
    EQ(usleep(100 * 1000 * 1000), -1); // sent on the way out of the stop at the call
    EQ(errno, EINTR);
    EQ(got[SIGALRM], 1);
}

GUEST("a tracer suppresses, replaces and changes signals") {
    pid_t pid = tracee_child(body, NULL);
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGUSR1);
    EQ(tracee_information(pid).si_pid, pid);
    EQ(tracee_information(pid).si_code, SI_TKILL);
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGUSR1);
    EQ(tracee_next(PTRACE_CONT, pid, SIGHUP), SIGUSR1);
    siginfo_t info = tracee_information(pid);
    info.si_signo = SIGUSR2;
    info.si_value.sival_int = 42;
    SYS(ptrace(PTRACE_SETSIGINFO, pid, NULL, &info));
    checkpoint();
    unsigned long mask;
    SYS(ptrace(PTRACE_GETSIGMASK, pid, sizeof mask, &mask));
    EQ(mask, 0);
    EQ(tracee_next(PTRACE_CONT, pid, SIGUSR2), SIGWINCH);
    EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP);
    while (tracee_registers(pid).orig_rax != SYS_clock_nanosleep) {
        EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP);
    }
    EQ(tracee_next(PTRACE_SYSCALL, pid, SIGALRM), SIGTRAP);
    EQ(tracee_registers(pid).rax, -516); // ERESTART_RESTARTBLOCK
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGALRM);
    EQ(tracee_registers(pid).rax, -516);
    tracee_go(PTRACE_CONT, pid, SIGALRM);
    REAP(pid);
}
