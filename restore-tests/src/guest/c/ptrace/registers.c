#include <elf.h>

#include "tracee.h"

static void body(void *unused) {
    (void)unused;
    for (;;) {
        long given = 0x1234;
        double half = 0.5;
        long result;
        __asm__ volatile("movq %[given], %%r12; movsd %[half], %%xmm7; int3; movq %%r12, %[result]; movsd %%xmm7, %[half]"
                         : [result] "=r"(result), [half] "+m"(half)
                         : [given] "r"(given)
                         : "r12", "xmm7", "memory");
        CHECK(result == 0x4321);
        CHECK(half == 2.0);
    }
}

static void exchange(pid_t pid) {
    struct user_regs_struct registers = tracee_registers(pid);
    EQ(registers.r12, 0x1234);
    EQ(registers.orig_rax, -1);
    EQ(registers.cs, 0x33);
    EQ(registers.ss, 0x2b);
    CHECK(registers.fs_base != 0);
    EQ(registers.eflags & 0x200, 0x200);
    EQ(tracee_peek(pid, (void *)(registers.rip - 1)) & 0xff, 0xcc);
    registers.r12 = 0x4321;
    SYS(ptrace(PTRACE_SETREGS, pid, NULL, &registers));
    EQ(ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.r12), NULL), 0x4321);
    struct user_fpregs_struct fpu;
    SYS(ptrace(PTRACE_GETFPREGS, pid, NULL, &fpu));
    double value;
    memcpy(&value, fpu.xmm_space + 7 * 4, sizeof value);
    CHECK(value == 0.5);
    value = 2.0;
    memcpy(fpu.xmm_space + 7 * 4, &value, sizeof value);
    SYS(ptrace(PTRACE_SETFPREGS, pid, NULL, &fpu));
}

static void sets(pid_t pid) {
    struct user_regs_struct registers;
    struct iovec vector = {&registers, sizeof registers};
    SYS(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vector));
    EQ(vector.iov_len, sizeof registers);
    EQ(registers.r12, 0x4321);
    SYS(ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &vector));
    static unsigned char area[16384];
    vector = (struct iovec){area, sizeof area};
    SYS(ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &vector));
    CHECK(vector.iov_len >= 576);
    double value;
    memcpy(&value, area + 160 + 7 * 16, sizeof value);
    CHECK(value == 2.0);
    SYS(ptrace(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &vector));
    FAILS(EINVAL, ptrace(PTRACE_GETREGSET, pid, 0x7777, &vector));
    FAILS(EIO, ptrace(PTRACE_PEEKUSER, pid, 3L, NULL));
    FAILS(EIO, ptrace(PTRACE_PEEKUSER, pid, 1L << 20, NULL));
    FAILS(EIO, ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.fs_base), -1L));
}

GUEST("a tracer reads and changes the registers of a tracee") {
    pid_t pid = tracee_child(body, NULL);
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGTRAP);
    exchange(pid);
    sets(pid);
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGTRAP);
    exchange(pid);
    checkpoint();
    sets(pid);
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGTRAP);
    exchange(pid);
    SYS(kill(pid, SIGKILL));
    EQ(guest_status(pid), SIGKILL);
}
