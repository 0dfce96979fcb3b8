#include "guest.h"

static volatile int calls;
static volatile siginfo_t last;
static struct gate go;

static void on_child(int signal, siginfo_t *info, void *context) {
    (void)context;
    EQ(signal, SIGCHLD);
    last = *info;
    calls++;
}

static void child(void *unused) {
    (void)unused;
    gate_pass(&go);
    _exit(33);
}

static void until_called(int before) {
    while (calls == before) {
        guest_sleep(MILLISECOND);
    }
    EQ(calls, before + 1);
}

GUEST("SIGCHLD tells which child ended and how") {
    gate_make(&go);
    guest_handler(SIGCHLD, on_child, SA_RESTART);
    pid_t pid = guest_child(child, NULL);
    guest_settle();
    checkpoint();
    EQ(calls, 0);
    gate_open(&go);
    until_called(0);
    EQ(last.si_code, CLD_EXITED);
    EQ(last.si_pid, pid);
    EQ(last.si_status, 33);
    EQ(WEXITSTATUS(guest_status(pid)), 33);
    pid = guest_child(child, NULL);
    SYS(kill(pid, SIGTERM));
    until_called(1);
    EQ(last.si_code, CLD_KILLED);
    EQ(last.si_status, SIGTERM);
    EQ(WTERMSIG(guest_status(pid)), SIGTERM);
    guest_handler(SIGCHLD, on_child, SA_NOCLDWAIT);
    pid = guest_child(child, NULL);
    gate_open(&go);
    FAILS(ECHILD, waitpid(pid, NULL, 0));
    signal(SIGCHLD, SIG_IGN);
    pid = guest_child(child, NULL);
    gate_open(&go);
    FAILS(ECHILD, waitpid(pid, NULL, 0));
}
