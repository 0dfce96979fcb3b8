#include "tracee.h"

enum { CALLS = 5 };

static void body(void *unused) {
    (void)unused;
    for (int i = 0; i < CALLS; i++) {
        syscall(SYS_getppid);
    }
}

GUEST("a tracer sees the entry and the exit of each call, and goes on with that later") {
    pid_t pid = tracee_child(body, NULL);
    SYS(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD));
    int entries = 0;
    while (entries < CALLS) {
        EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP | 0x80);
        struct user_regs_struct at = tracee_registers(pid);
        if (at.orig_rax != SYS_getppid) {
            EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP | 0x80); // the end of raise
            continue;
        }
        entries++;
        EQ(at.rax, -ENOSYS);
        struct __ptrace_syscall_info info;
        CHECK(SYS(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info)) >= 80);
        EQ(info.op, PTRACE_SYSCALL_INFO_ENTRY);
        EQ(info.entry.nr, SYS_getppid);
        EQ(info.stack_pointer, at.rsp);
        EQ(tracee_information(pid).si_code, SIGTRAP | 0x80);
        if (entries == 2) {
            checkpoint();
        }
        if (entries == 3) { // another call instead
            SYS(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), SYS_getpid));
        }
        if (entries == 4) { // none
            SYS(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), -1L));
        }
        EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP | 0x80);
        CHECK(SYS(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info)) >= 33);
        EQ(info.op, PTRACE_SYSCALL_INFO_EXIT);
        long expected = entries == 3 ? pid : entries == 4 ? -ENOSYS : getpid();
        EQ(info.exit.rval, expected);
        EQ(info.exit.is_error, entries == 4);
        EQ(tracee_registers(pid).rax, expected);
    }
    EQ(tracee_next(PTRACE_SYSCALL, pid, 0), SIGTRAP | 0x80);
    EQ(tracee_registers(pid).orig_rax, SYS_exit_group);
    tracee_go(PTRACE_SYSCALL, pid, 0);
    REAP(pid);
}
