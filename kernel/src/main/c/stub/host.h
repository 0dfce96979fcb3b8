/* The little of the host's ABI that the stub needs: it is built without any library or system header. */
#ifndef RUNSC_HOST_H
#define RUNSC_HOST_H

#define SYS_write 1
#define SYS_close 3
#define SYS_mmap 9
#define SYS_mprotect 10
#define SYS_munmap 11
#define SYS_rt_sigaction 13
#define SYS_rt_sigprocmask 14
#define SYS_rt_sigreturn 15
#define SYS_sched_yield 24
#define SYS_sendmsg 46
#define SYS_recvmsg 47
#define SYS_clone 56
#define SYS_exit 60
#define SYS_setsid 112
#define SYS_capset 126
#define SYS_sigaltstack 131
#define SYS_prctl 157
#define SYS_arch_prctl 158
#define SYS_setrlimit 160
#define SYS_futex 202
#define SYS_clock_gettime 228
#define SYS_exit_group 231
#define SYS_tgkill 234
#define SYS_unshare 272
#define SYS_eventfd2 290
#define SYS_seccomp 317
#define SYS_membarrier 324
#define SYS_close_range 436

#define SIGILL 4
#define SIGTRAP 5
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGSEGV 11
#define SIGCHLD 17
#define SIGSYS 31

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_REQ_XCOMP_PERM 0x1023

#define EPERM 1

#define AUDIT_ARCH_X86_64 0xc000003e

#ifndef __ASSEMBLER__
static inline i64 host6(i64 number, i64 a, i64 b, i64 c, i64 d, i64 e, i64 f) {
    i64 result;
    register i64 r10 asm("r10") = d;
    register i64 r8 asm("r8") = e;
    register i64 r9 asm("r9") = f;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

static inline i64 host5(i64 number, i64 a, i64 b, i64 c, i64 d, i64 e) {
    return host6(number, a, b, c, d, e, 0);
}

static inline i64 host4(i64 number, i64 a, i64 b, i64 c, i64 d) {
    return host6(number, a, b, c, d, 0, 0);
}

static inline i64 host3(i64 number, i64 a, i64 b, i64 c) {
    return host6(number, a, b, c, 0, 0, 0);
}

static inline i64 host2(i64 number, i64 a, i64 b) {
    return host6(number, a, b, 0, 0, 0, 0);
}

static inline i64 host1(i64 number, i64 a) {
    return host6(number, a, 0, 0, 0, 0, 0);
}

/* struct sock_filter, struct sock_fprog (linux/filter.h). */
struct bpf_instruction {
    u16 code;
    u8 if_true;
    u8 if_false;
    u32 k;
};

struct bpf_program {
    u16 length;
    const struct bpf_instruction *instructions;
};
#endif
#endif
