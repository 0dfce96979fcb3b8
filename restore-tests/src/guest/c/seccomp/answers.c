#include "filters.h"

static void hold(int filters) {
    EQ(status_number("\nSeccomp:"), 2);
    EQ(status_number("\nSeccomp_filters:"), filters);
    EQ(prctl(PR_GET_SECCOMP, 0, 0, 0, 0), 2);
    for (int i = 0; i < 200; i++) { // often enough for a call site that is made faster
        FAILS(EXDEV, syscall(SYS_getppid));
        FAILS(4095, syscall(SYS_getpgid, 0));
        EQ(syscall(SYS_getpriority, 0x100000007, 0), 0);
        FAILS(EINVAL, syscall(SYS_getpriority, 7, 0)); // what it is without a filter
        CHECK(getpid() > 0);
    }
}

GUEST("filters answer with an error for calls and arguments, the strictest answer wins") {
    EQ(status_number("\nSeccomp:"), 0);
    no_new_privileges();
    FILTER_CALL(SYS_getppid, SECCOMP_RET_ERRNO | EPERM);
    FAILS(EPERM, syscall(SYS_getppid));
    FILTER_CALL(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV); // among equals the newest
    FILTER_CALL(SYS_getppid, SECCOMP_RET_LOG);
    FILTER_CALL(SYS_getpgid, SECCOMP_RET_ERRNO | 5000); // more than there are
    EQ(FILTER(SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW, //
              LOAD(arch), UNLESS(AUDIT_ARCH_X86_64, 7), //
              LOAD(nr), UNLESS(SYS_getpriority, 5), //
              LOAD_LOW(0), UNLESS(7, 3), //
              LOAD_HIGH(0), UNLESS(1, 1), //
              ANSWER(SECCOMP_RET_ERRNO), ANSWER(SECCOMP_RET_ALLOW)),
       0);
    EQ(FILTER(0, LOAD(instruction_pointer), UNLESS(0, 1), ANSWER(SECCOMP_RET_KILL_PROCESS), ANSWER(SECCOMP_RET_ALLOW)), 0);
    hold(6);
    checkpoint();
    hold(6);
    FILTER_CALL(SYS_getpgid, SECCOMP_RET_ALLOW);
    hold(7);
}
