#include <ucontext.h>

#include "filters.h"

static volatile int traps;
static void *volatile address;

static void trap(int signal, siginfo_t *info, void *context) {
    ucontext_t *at = context;
    EQ(signal, SIGSYS);
    EQ(info->si_code, 1); // SYS_SECCOMP
    EQ(info->si_errno, 77);
    EQ(info->si_syscall, SYS_getsid);
    EQ(info->si_arch, AUDIT_ARCH_X86_64);
    EQ((long)info->si_call_addr, at->uc_mcontext.gregs[REG_RIP]);
    EQ(at->uc_mcontext.gregs[REG_RAX], SYS_getsid);
    address = info->si_call_addr;
    traps++;
    at->uc_mcontext.gregs[REG_RAX] = 1000 + at->uc_mcontext.gregs[REG_RDI];
}

static void hold(void) {
    int before = traps;
    for (int i = 0; i < 200; i++) {
        EQ(syscall(SYS_getsid, i), 1000 + i);
        EQ(traps, before + i + 1);
        unsigned char *call = address;
        CHECK((call[-2] == 0x0f && call[-1] == 0x05) || before + i > 10); // syscall
    }
}

GUEST("a filter's SIGSYS tells which call it was, and its handler answers in its place") {
    guest_handler(SIGSYS, trap, SA_NODEFER);
    no_new_privileges();
    for (int i = 0; i < 200; i++) {
        CHECK(syscall(SYS_getsid, 0) >= 0);
    }
    FILTER_CALL(SYS_getsid, SECCOMP_RET_TRAP | 77);
    hold();
    checkpoint();
    hold();

    pid_t child = SYS(fork());
    if (child == 0) {
        guest_block(SIGSYS); // a handler that cannot run
        syscall(SYS_getsid, 0);
        _exit(1);
    }
    EQ(guest_status(child) & 0x7f, SIGSYS);
}
