#include "supervisor.h"
#include "tracee.h"

static int sockets[2];

static void body(void *unused) {
    (void)unused;
    SYS(setsid()); // the session we came from may have a leader whom our PID namespace does not name
    supervisor_pass(sockets[1], supervisor_listen(0));
    SYS(raise(SIGUSR1));
    EQ(syscall(SYS_getsid, 0), 4711);
    FAILS(ESRCH, syscall(SYS_getsid, INT_MAX)); // goes on
}

static struct user_regs_struct end_of_call(pid_t pid) {
    EQ(tracee_stop(pid), SIGTRAP | 0x80);
    return tracee_registers(pid);
}

GUEST("a tracer sees the beginning and the end of calls that a supervisor answers") {
    SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
    pid_t pid = tracee_child(body, NULL);
    SYS(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD));
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGUSR1);
    int listener = supervisor_get(sockets[0]);
    EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP | 0x80); // into getsid, perhaps behind others
    while (tracee_registers(pid).orig_rax != SYS_getsid) {
        EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP | 0x80);
    }
    tracee_go(PTRACE_SYSCALL, pid, 0);
    uint64_t id = supervisor_next(listener, pid, 0).id;
    checkpoint();
    EQ(supervisor_send(listener, id, 4711, 0, 0), 0);
    EQ(end_of_call(pid).rax, 4711);
    EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP | 0x80);
    tracee_go(PTRACE_SYSCALL, pid, 0);
    id = supervisor_next(listener, pid, INT_MAX).id;
    EQ(supervisor_send(listener, id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE), 0);
    EQ(end_of_call(pid).rax, -ESRCH);
    SYS(ptrace(PTRACE_DETACH, pid, NULL, 0));
    REAP(pid);
}
