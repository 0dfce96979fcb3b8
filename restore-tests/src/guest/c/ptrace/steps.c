#include "tracee.h"

static void body(void *unused) {
    (void)unused;
    __asm__ volatile(
        "int3\n"
        "nop; nop; nop\n"
        "movl $110, %%eax\n" // getppid
        "syscall\n"
        "movl $3, %%ecx\n"
        "1: decl %%ecx; jnz 1b\n"
        "int3\n" ::: "rax", "rcx", "r11", "memory");
}

GUEST("each step is one instruction, a call included") {
    static const int lengths[] = {1, 1, 1, 5, 2, 5, 2, -2, 2, -2, 2, 2};
    pid_t pid = tracee_child(body, NULL);
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGTRAP);
    unsigned long at = tracee_registers(pid).rip;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        if (i == 2 || i == 5) {
            siginfo_t info = tracee_information(pid);
            EQ(info.si_signo, SIGTRAP);
            EQ(info.si_code, i == 5 ? 1 : 2); // TRAP_BRKPT behind a call, TRAP_TRACE
        }
        if (i == 3) {
            checkpoint();
        }
        EQ(tracee_next(PTRACE_SINGLESTEP, pid, 0), SIGTRAP);
        at += lengths[i];
        struct user_regs_struct registers = tracee_registers(pid);
        EQ(registers.rip, at);
        EQ(registers.eflags & 0x100, 0);
        if (i == 4) {
            EQ(registers.rax, getpid());
        }
    }
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGTRAP); // the last int3
    tracee_go(PTRACE_CONT, pid, 0);
    REAP(pid);
}
