#include "tracee.h"

int guest_helper(int argc, char **argv) {
    return argc == 2 ? atoi(argv[1]) : 99;
}

static void body(void *code) {
    SYS(execl(guest_path(), "again", code, NULL));
}

GUEST("a new program is told by a signal, or by an event if the tracer wants so") {
    pid_t pid = tracee_child(body, "5");
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGTRAP);
    siginfo_t info = tracee_information(pid);
    EQ(info.si_code, SI_USER);
    EQ(tracee_registers(pid).orig_rax, SYS_execve);
    tracee_go(PTRACE_CONT, pid, 0);
    EQ(WEXITSTATUS(guest_status(pid)), 5);

    pid = tracee_child(body, "6");
    SYS(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACEEXEC));
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGTRAP | PTRACE_EVENT_EXEC << 8);
    unsigned long before;
    SYS(ptrace(PTRACE_GETEVENTMSG, pid, NULL, &before));
    EQ(before, pid);
    checkpoint();
    struct user_regs_struct registers = tracee_registers(pid);
    EQ(tracee_peek(pid, (void *)registers.rsp), 2); // argc
    tracee_go(PTRACE_CONT, pid, 0);
    EQ(WEXITSTATUS(guest_status(pid)), 6);
}
