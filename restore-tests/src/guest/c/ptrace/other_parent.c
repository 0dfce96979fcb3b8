#include "tracee.h"

static struct gate attached, seen;

static void victim(void *unused) {
    (void)unused;
    guest_sleep(20 * MILLISECOND);
    _exit(3);
}

static pid_t pid;

static void tracer(void *unused) {
    (void)unused;
    SYS(ptrace(PTRACE_SEIZE, pid, NULL, 0L));
    gate_open(&attached);
    siginfo_t info;
    SYS(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | __WALL));
    EQ(info.si_code, CLD_EXITED);
    gate_open(&seen);
    guest_sleep(30 * MILLISECOND);
    EQ(WEXITSTATUS(guest_status(pid)), 3);
}

GUEST("the end of a tracee is its tracer's to see first, then its parent's") {
    gate_make(&attached);
    gate_make(&seen);
    pid = guest_child(victim, NULL);
    pid_t by = guest_child(tracer, NULL);
    gate_pass(&attached);
    gate_pass(&seen);
    EQ(waitpid(pid, NULL, WNOHANG), 0);
    checkpoint();
    EQ(WEXITSTATUS(guest_status(pid)), 3);
    REAP(by);
}
