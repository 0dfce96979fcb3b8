/*
 * The two seccomp filters. Guest code may make no host call at all: whatever it tries traps and becomes a guest system
 * call. Two more rules guard against guests that jump into the stub's own text, which they can see.
 */
#include "stub.h"
#include "host.h"

#define LOAD 0x20   /* BPF_LD | BPF_W | BPF_ABS */
#define EQUAL 0x15  /* BPF_JMP | BPF_JEQ | BPF_K */
#define AT_LEAST 0x35 /* BPF_JMP | BPF_JGE | BPF_K */
#define RETURN 0x06 /* BPF_RET | BPF_K */

#define ALLOW 0x7fff0000
#define TRAP 0x00030000
#define KILL 0x80000000 /* SECCOMP_RET_KILL_PROCESS */

/* Offsets in struct seccomp_data. */
#define NUMBER 0
#define ARCHITECTURE 4
#define IP_LOW 8
#define IP_HIGH 12
#define ARGUMENT_LOW(n) (16 + 8 * (n))
#define ARGUMENT_HIGH(n) (20 + 8 * (n))

#define HIGH(address) ((u32)((u64)(address) >> 32))
#define LOW(address) ((u32)(u64)(address))
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define PERMIT(number) {EQUAL, 0, 1, number}, {RETURN, 0, 0, ALLOW}

_Static_assert(LOW(STUB_BASE) == 0, "the filters compare the address's high half for equality");
_Static_assert(HIGH(STUB_SLOTS) == HIGH(STUB_SLOTS + (u64)STUB_SLOT_COUNT * STUB_SLOT_SIZE - 1), "one high half");

/* For the template, and for every thread made by it: traps outside the stub, a list inside. */
static const struct bpf_instruction process_filter[] = {
    {LOAD, 0, 0, IP_HIGH},
    {EQUAL, 0, 2, HIGH(STUB_BASE)},
    {LOAD, 0, 0, IP_LOW},
    {AT_LEAST, 0, 1, STUB_TEXT_SIZE},
    {RETURN, 0, 0, TRAP},
    {LOAD, 0, 0, ARCHITECTURE},
    {EQUAL, 1, 0, AUDIT_ARCH_X86_64},
    {RETURN, 0, 0, KILL},
    {LOAD, 0, 0, NUMBER},
    PERMIT(SYS_futex),
    PERMIT(SYS_rt_sigreturn),
    PERMIT(SYS_write),
    PERMIT(SYS_mmap),
    PERMIT(SYS_munmap),
    PERMIT(SYS_mprotect),
    PERMIT(SYS_tgkill),
    PERMIT(SYS_clone),
    PERMIT(SYS_exit),
    PERMIT(SYS_exit_group),
    PERMIT(SYS_unshare),
    PERMIT(SYS_membarrier),
    PERMIT(SYS_sigaltstack),
    PERMIT(SYS_arch_prctl),
    PERMIT(SYS_sched_yield),
    PERMIT(SYS_seccomp),
    PERMIT(SYS_recvmsg),
    PERMIT(SYS_sendmsg),
    PERMIT(SYS_eventfd2),
    PERMIT(SYS_close),
    {RETURN, 0, 0, KILL},
};

/*
 * For guest threads, on top: what the hand-over needs and nothing else. Calls from outside the stub are the first filter's
 * business. Leaving (exit) and waiting harm only the thread itself.
 */
static const struct bpf_instruction guest_filter[] = {
    {LOAD, 0, 0, IP_HIGH},
    {EQUAL, 0, 2, HIGH(STUB_BASE)},
    {LOAD, 0, 0, IP_LOW},
    {AT_LEAST, 0, 1, STUB_TEXT_SIZE},
    {RETURN, 0, 0, ALLOW},
    {LOAD, 0, 0, NUMBER},
    PERMIT(SYS_rt_sigreturn),
    PERMIT(SYS_exit),
    PERMIT(SYS_sched_yield),
    {EQUAL, 0, 6, SYS_futex},
    {LOAD, 0, 0, ARGUMENT_HIGH(0)},
    {EQUAL, 0, 3, HIGH(STUB_SLOTS)},
    {LOAD, 0, 0, ARGUMENT_LOW(1)},
    {AT_LEAST, 1, 0, FUTEX_WAKE + 1},
    {RETURN, 0, 0, ALLOW},
    {RETURN, 0, 0, KILL},
    {EQUAL, 0, 5, SYS_arch_prctl},
    {LOAD, 0, 0, ARGUMENT_LOW(0)},
    {EQUAL, 2, 0, ARCH_SET_FS},
    {EQUAL, 1, 0, ARCH_SET_GS},
    {RETURN, 0, 0, KILL},
    {RETURN, 0, 0, ALLOW},
    {RETURN, 0, 0, KILL},
};

#define SECCOMP_SET_MODE_FILTER 1

i64 install_process_filter(void) {
    struct bpf_program program = {LENGTH(process_filter), process_filter};
    return host3(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, (i64)&program);
}

/* As birth in entry.S passes it to seccomp(2); in the text segment, where no guest can write. */
const struct bpf_program guest_filter_program = {LENGTH(guest_filter), guest_filter};
