#include "guest.h"

static struct gate ready;

static void child(void *unused) {
    (void)unused;
    gate_open(&ready);
    SYS(raise(SIGSTOP));
    _exit(81);
}

GUEST("a stop that nobody has waited for yet is told after the checkpoint") {
    int status;
    siginfo_t info;
    gate_make(&ready);
    pid_t pid = guest_child(child, NULL);
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    SYS(waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT));
    EQ(info.si_code, CLD_STOPPED);
    EQ(info.si_status, SIGSTOP);
    EQ(SYS(waitpid(pid, &status, WUNTRACED)), pid);
    CHECK(WIFSTOPPED(status));
    SYS(kill(pid, SIGCONT));
    EQ(WEXITSTATUS(guest_status(pid)), 81);
}
