#include "filters.h"

static void strict(bool breaks, struct gate *ready, struct gate *go) {
    no_new_privileges();
    char byte = 0;
    SYS(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0));
    gate_open(ready);
    if (read(go->ends[0], &byte, 1) == 1 && breaks) {
        syscall(SYS_getpid);
    }
    syscall(SYS_exit, 6);
}

GUEST("in strict mode there is only read, write and exit") {
    FAILS(EINVAL, syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL));
    FAILS(EINVAL, syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, "a"));
    FAILS(EINVAL, prctl(PR_SET_SECCOMP, 3, 0, 0, 0));
    struct gate ready, go[2];
    pid_t pids[2];
    gate_make(&ready);
    for (int i = 0; i < 2; i++) {
        gate_make(&go[i]);
        pids[i] = SYS(fork());
        if (pids[i] == 0) {
            strict(i == 1, &ready, &go[i]);
        }
        gate_pass(&ready);
    }
    char path[40];
    snprintf(path, sizeof path, "/proc/%d/status", pids[0]);
    CHECK(strstr(guest_read_file(path), "\nSeccomp:\t1\nSeccomp_filters:\t0\n") != NULL);
    guest_settle();
    checkpoint();
    gate_open(&go[0]);
    gate_open(&go[1]);
    EQ(guest_status(pids[0]), 6 << 8);
    EQ(guest_status(pids[1]), SIGKILL);

    pid_t child = SYS(fork());
    if (child == 0) {
        no_new_privileges();
        FILTER_CALL(SYS_getsid, SECCOMP_RET_ALLOW);
        FAILS(EINVAL, syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL));
        FAILS(EINVAL, prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0));
        _exit(0);
    }
    REAP(child);
}
