#include "guest.h"

static struct gate ready, go;

static void short_lived(void *unused) {
    (void)unused;
    gate_pass(&go);
    _exit(61);
}

static void with_waitpid(void *unused) {
    (void)unused;
    pid_t pid = guest_child(short_lived, NULL);
    gate_open(&ready);
    EQ(WEXITSTATUS(guest_status(pid)), 61);
}

static void with_waitid(void *unused) {
    siginfo_t info;
    (void)unused;
    pid_t pid = guest_child(short_lived, NULL);
    gate_open(&ready);
    SYS(waitid(P_ALL, 0, &info, WEXITED));
    EQ(info.si_pid, pid);
    EQ(info.si_status, 61);
}

GUEST("a parent that waits for its child goes on waiting") {
    gate_make(&ready);
    gate_make(&go);
    pid_t one = guest_child(with_waitpid, NULL);
    pid_t two = guest_child(with_waitid, NULL);
    gate_pass(&ready);
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    EQ(waitpid(-1, NULL, WNOHANG), 0);
    gate_open(&go);
    gate_open(&go);
    REAP(one);
    REAP(two);
}
