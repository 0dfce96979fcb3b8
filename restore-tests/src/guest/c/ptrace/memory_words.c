#include "tracee.h"

static volatile long word = 11;
static const long constant[512] __attribute__((aligned(4096))) = {77};

__attribute__((noinline)) static long answer(long of) {
    __asm__ volatile("" ::: "memory");
    return of + 1;
}

static void body(void *unused) {
    (void)unused;
    SYS(raise(SIGUSR1));
    EQ(word, 22);
    const volatile long *read = constant;
    EQ(*read, 78);
    SYS(raise(SIGUSR1));
    EQ(answer(1), 2);
}

GUEST("a tracer writes where the tracee may not, and to copies of its own") {
    static char pattern[64];
    pid_t pid = tracee_child(body, NULL);
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGUSR1);
    EQ(tracee_peek(pid, (void *)&word), 11);
    SYS(ptrace(PTRACE_POKEDATA, pid, &word, 22L));
    EQ(word, 11);
    EQ(tracee_peek(pid, constant), 77);
    SYS(ptrace(PTRACE_POKEDATA, pid, constant, 78L));
    const volatile long *mine = constant;
    EQ(*mine, 77);
    FAILS(EIO, ptrace(PTRACE_PEEKDATA, pid, 8L, NULL));
    FAILS(EIO, ptrace(PTRACE_POKEDATA, pid, 8L, NULL));

    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = SYS(open(path, O_RDWR));
    EQ(SYS(pwrite(memory, "\xcc", 1, (off_t)(uintptr_t)answer)), 1);
    checkpoint();
    EQ(SYS(pread(memory, pattern, 8, (off_t)(uintptr_t)constant)), 8);
    EQ(pattern[0], 78);
    FAILS(EIO, pread(memory, pattern, 8, 8));

    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGUSR1);
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGTRAP); // the breakpoint
    struct user_regs_struct registers = tracee_registers(pid);
    EQ(registers.rip, (uintptr_t)answer + 1);
    EQ(SYS(pwrite(memory, (const void *)answer, 1, (off_t)(uintptr_t)answer)), 1);
    registers.rip--;
    SYS(ptrace(PTRACE_SETREGS, pid, NULL, &registers));
    tracee_go(PTRACE_CONT, pid, 0);
    REAP(pid);
}
