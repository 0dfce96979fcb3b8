#include "filters.h"
#include "tracee.h"

static void body(void *unused) {
    (void)unused;
    SYS(setsid()); // the session we came from may have a leader whom our PID namespace does not name
    no_new_privileges();
    FILTER_CALL(SYS_getsid, SECCOMP_RET_TRACE | 99);
    EQ(syscall(SYS_getsid, 0), -1); // no tracer that wants to be asked
    EQ(errno, ENOSYS);
    SYS(raise(SIGUSR1));
    for (int i = 0; i < 100; i++) {
        EQ(syscall(SYS_getsid, 0), getpid()); // allowed
        EQ(syscall(SYS_getsid, 1), getpid()); // another call instead
        EQ(syscall(SYS_getsid, 2), 4711); // none
    }
    SYS(raise(SIGUSR2));
    EQ(syscall(SYS_getsid, 3), -1);
    EQ(errno, ENOSYS);
}

static struct user_regs_struct asked(pid_t pid, int argument) {
    EQ(tracee_stop(pid), SIGTRAP | PTRACE_EVENT_SECCOMP << 8);
    unsigned long data;
    SYS(ptrace(PTRACE_GETEVENTMSG, pid, NULL, &data));
    EQ(data, 99);
    struct user_regs_struct at = tracee_registers(pid);
    EQ(at.orig_rax, SYS_getsid);
    EQ(at.rax, -ENOSYS);
    EQ(at.rdi, argument);
    struct __ptrace_syscall_info info;
    CHECK(SYS(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info)) >= 84);
    EQ(info.op, PTRACE_SYSCALL_INFO_SECCOMP);
    EQ(info.seccomp.nr, SYS_getsid);
    EQ(info.seccomp.args[0], argument);
    EQ(info.seccomp.ret_data, 99);
    return at;
}

GUEST("a tracer is asked about the calls that a filter names") {
    pid_t pid = tracee_child(body, NULL);
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGUSR1);
    SYS(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD));
    for (int i = 0; i < 100; i++) {
        tracee_go(PTRACE_CONT, pid, 0);
        asked(pid, 0);
        if (i == 60) {
            checkpoint();
        }
        if (i % 2 == 0) {
            EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP | 0x80); // the call's end
            EQ(tracee_registers(pid).rax, pid);
        }
        tracee_go(PTRACE_CONT, pid, 0);
        struct user_regs_struct at = asked(pid, 1);
        at.orig_rax = SYS_getpid;
        SYS(ptrace(PTRACE_SETREGS, pid, NULL, &at));
        tracee_go(PTRACE_CONT, pid, 0);
        at = asked(pid, 2);
        at.orig_rax = -1;
        at.rax = 4711;
        SYS(ptrace(PTRACE_SETREGS, pid, NULL, &at));
    }
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGUSR2);
    SYS(ptrace(PTRACE_DETACH, pid, NULL, 0));
    REAP(pid);
}
