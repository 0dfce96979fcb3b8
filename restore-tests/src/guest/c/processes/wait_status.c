#include "guest.h"

static void exit_value(void *value) {
    _exit((int)(long)value);
}

static void die_by(void *signal_number) {
    signal((int)(long)signal_number, SIG_DFL);
    SYS(kill(getpid(), (int)(long)signal_number));
    pause();
}

static void look(void) {
    siginfo_t info;
    for (long value = 0; value < 256; value += 51) {
        int status = guest_status(guest_child(exit_value, (void *)value));
        CHECK(WIFEXITED(status));
        EQ(WEXITSTATUS(status), value);
    }
    long signals[] = {SIGKILL, SIGTERM, SIGSEGV, SIGUSR1, SIGRTMIN + 3};
    for (int i = 0; i < 5; i++) {
        int status = guest_status(guest_child(die_by, (void *)signals[i]));
        CHECK(WIFSIGNALED(status));
        EQ(WTERMSIG(status), signals[i]);
    }
    pid_t pid = guest_child(exit_value, (void *)7);
    SYS(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
    EQ(info.si_pid, pid);
    EQ(info.si_code, CLD_EXITED);
    EQ(info.si_status, 7);
    EQ(info.si_signo, SIGCHLD);
    SYS(waitid(P_ALL, 0, &info, WEXITED)); // still there
    EQ(info.si_pid, pid);
    FAILS(ECHILD, waitid(P_ALL, 0, &info, WEXITED));
    FAILS(ECHILD, waitpid(pid, NULL, 0));
    FAILS(EINVAL, waitid(P_ALL, 0, &info, 0));
    FAILS(EINVAL, waitpid(-1, NULL, 1 << 20));
}

GUEST("waiting tells how a child has ended") {
    look();
    checkpoint();
    look();
}
