#include "filters.h"

#define ALLOWED ANSWER(SECCOMP_RET_ALLOW)
#define BAD(...) FAILS(EINVAL, FILTER(0, __VA_ARGS__, ALLOWED))

static void programs(void) {
    struct sock_filter code[4098];
    for (int i = 0; i < 4098; i++) {
        code[i] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
    }
    FAILS(EINVAL, filter_try(0, code, 0));
    FAILS(EINVAL, filter_try(0, code, 4097));
    FAILS(EINVAL, filter_try(0, NULL, 1));
    FAILS(EFAULT, filter_try(0, (struct sock_filter *)8, 1));
    FAILS(EFAULT, syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL));
    FAILS(EINVAL, filter_try(1 << 20, code, 1));
    FAILS(EINVAL, syscall(SYS_seccomp, 99, 0, NULL));
    FAILS(EINVAL, FILTER(0, LOAD(nr))); // no answer
    BAD(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64));
    BAD(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2));
    BAD(BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0));
    BAD(BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0));
    BAD(BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0));
    BAD(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF));
    BAD(BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0));
    BAD(BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3));
    BAD(BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32));
    BAD(BPF_STMT(BPF_LD | BPF_MEM, 0)); // never written
    BAD(BPF_STMT(BPF_ST, 16));
    BAD(BPF_STMT(BPF_JMP | BPF_JA, 1));
    BAD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0));
    BAD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1));
    BAD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), BPF_STMT(BPF_ST, 3), BPF_STMT(BPF_LD | BPF_MEM, 3));
    BAD(BPF_STMT(0xffff, 0));
    EQ(filter_try(0, code, 4096), 0);
    int more = 1;
    while (filter_try(0, code, 4096) == 0) {
        more++;
    }
    EQ(errno, ENOMEM);
    CHECK(more >= 3 && more <= 7);
}

static void available(void) {
    unsigned known[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
                        SECCOMP_RET_TRACE, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        EQ(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &known[i]), 0);
    }
    unsigned other = 0x10000;
    FAILS(EOPNOTSUPP, syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &other));
    FAILS(EINVAL, syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 1, &other));
    FAILS(EFAULT, syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, NULL));
}

GUEST("programs that a filter cannot be are refused, and filters to who may gain privileges") {
    available();
    EQ(FILTER(0, ALLOWED), 0); // as root
    pid_t child = SYS(fork());
    if (child == 0) {
        SYS(setresgid(1000, 1000, 1000));
        SYS(setresuid(1000, 1000, 1000));
        FAILS(EACCES, FILTER(0, ALLOWED));
        FAILS(EACCES, prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
                            &(struct sock_fprog){1, (struct sock_filter[]){ALLOWED}}, 0, 0));
        no_new_privileges();
        programs();
        _exit(0);
    }
    REAP(child);
    checkpoint();
    no_new_privileges();
    EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &(struct sock_fprog){1, (struct sock_filter[]){ALLOWED}}, 0, 0), 0);
    EQ(status_number("\nSeccomp_filters:"), 2);
}
