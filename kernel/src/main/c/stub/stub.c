/*
 * The template process, and the signal handler of guest threads. See README.md for the whole picture.
 *
 * The template is started by the kernel with three descriptors (stub.h), empties its address space of everything but the
 * stub itself, becomes the first process of a new PID namespace, and then makes stub processes on request. It never runs
 * guest code. It ends when the kernel's end of the socket is closed, and with it the namespace: every stub process.
 */
#include "stub.h"
#include "host.h"

#define EXPORT __attribute__((visibility("hidden")))

extern i64 install_process_filter(void);
extern const struct bpf_program guest_filter_program;
extern void signal_return(void);
extern void manager_start(u64 block_offset) __attribute__((noreturn));
extern void expand_amx(void);
extern const u8 fast_posted[], fast_raise[], fast_end[];

_Static_assert(__builtin_offsetof(struct stub_ring, birth_stack) == RING_BIRTH_STACK, "ring");
_Static_assert(__builtin_offsetof(struct stub_ring, call_pointer) == RING_CALL_POINTER, "ring");
_Static_assert(STUB_RING + RING_CALL_POINTER == STUB_CALL_POINTER, "ring");
_Static_assert(__builtin_offsetof(struct stub_ring, eventfd) == RING_EVENTFD, "ring");
_Static_assert(sizeof(struct stub_ring_entry) == RING_ENTRY_SIZE, "ring entry");
_Static_assert(__builtin_offsetof(struct stub_ring_entry, arguments) == ENTRY_ARGUMENTS, "ring entry");
_Static_assert(__builtin_offsetof(struct stub_reply, result) == REPLY_RESULT, "reply");
_Static_assert(__builtin_offsetof(struct stub_slot, fs_base) == SLOT_FS_BASE, "slot");
_Static_assert(__builtin_offsetof(struct stub_slot, thread_id) == SLOT_THREAD_ID, "slot");
_Static_assert(__builtin_offsetof(struct stub_slot, r8) == SLOT_R8, "slot");
_Static_assert(__builtin_offsetof(struct stub_slot, r9) == SLOT_R9, "slot");
_Static_assert(__builtin_offsetof(struct stub_slot, eflags) == SLOT_EFLAGS, "slot");
_Static_assert(sizeof(struct stub_slot) <= SLOT_STACK, "slot");

/* ---- Guest threads: the signal handler ---- */

static inline u32 features(void) {
    return ((const struct stub_ring *)STUB_RING)->features;
}

static inline u64 read_fs_base(void) {
    u64 base;
    asm volatile("rdfsbase %0" : "=r"(base));
    return base;
}

static inline u64 read_gs_base(void) {
    u64 base;
    asm volatile("rdgsbase %0" : "=r"(base));
    return base;
}

static void apply_bases(struct stub_slot *slot, u32 command) {
    int direct = features() & STUB_FEATURE_FSGSBASE;
    if (command & COMMAND_SET_FS) {
        if (direct)
            asm volatile("wrfsbase %0" : : "r"(slot->fs_base));
        else
            host2(SYS_arch_prctl, ARCH_SET_FS, slot->fs_base);
    }
    if (command & COMMAND_SET_GS) {
        if (direct)
            asm volatile("wrgsbase %0" : : "r"(slot->gs_base));
        else
            host2(SYS_arch_prctl, ARCH_SET_GS, slot->gs_base);
    }
}

static inline u32 exchange(u32 *word, u32 value) {
    return __atomic_exchange_n(word, value, __ATOMIC_SEQ_CST);
}

static inline int kernels_turn(u32 state) {
    return state == STATE_EVENT || state == STATE_EVENT_AWAITED;
}

/* All who sleep: another thread of the guest may do so too, on this very word, to keep the kernel asleep. */
static inline void wake(struct stub_slot *slot) {
    host3(SYS_futex, (i64)&slot->state, FUTEX_WAKE, 0x7fffffff);
}

/* Hands the thread to the kernel and waits until it is handed back. */
static void stop(struct stub_slot *slot, int always_wake) {
    if (exchange(&slot->state, STATE_EVENT) == STATE_RUN_AWAITED || always_wake)
        wake(slot);
    u32 spin = slot->spin;
    u32 state;
    while (kernels_turn(state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE))) {
        if (spin) {
            spin--;
            asm volatile("pause");
            continue;
        }
        if (state == STATE_EVENT_AWAITED
            || __atomic_compare_exchange_n(&slot->state, &state, STATE_EVENT_AWAITED, 0, __ATOMIC_SEQ_CST,
                                           __ATOMIC_RELAXED))
            host4(SYS_futex, (i64)&slot->state, FUTEX_WAIT, STATE_EVENT_AWAITED, 0);
    }
}

/* Indices in the general registers of a signal frame (sys/ucontext.h). */
enum { R_RCX = 14, R_RIP = 16, R_FLAGS = 17 };

/* Resume flag: the CPU sets it in the flags it saves at a fault. */
#define RF 0x10000ul

/* The general registers in struct ucontext. */
static inline u64 *general_registers(void *context) {
    return (u64 *)context + 5;
}

/* Where the slot has the registers, in the order of a signal frame. */
static const u16 slot_register[] = {
    SLOT_R8,  SLOT_R9,  SLOT_R10, SLOT_R11, SLOT_R12, SLOT_R13, SLOT_R14, SLOT_R15, SLOT_RDI,
    SLOT_RSI, SLOT_RBP, SLOT_RBX, SLOT_RDX, SLOT_RAX, SLOT_RCX, SLOT_RSP, SLOT_RIP, SLOT_EFLAGS,
};

enum { REGISTERS = sizeof slot_register / sizeof slot_register[0] };

static inline u64 *in_slot(struct stub_slot *slot, int index) {
    return (u64 *)((u8 *)slot + slot_register[index]);
}

static void frame_to_slot(struct stub_slot *slot, const u64 *registers) {
    for (int i = 0; i < REGISTERS; i++)
        *in_slot(slot, i) = registers[i];
}

static void slot_to_frame(struct stub_slot *slot, u64 *registers) {
    for (int i = 0; i < REGISTERS; i++)
        registers[i] = *in_slot(slot, i);
}

static void obey(struct stub_slot *slot, u32 command) {
    if (command & COMMAND_EXIT)
        host1(SYS_exit, 0);
    apply_bases(slot, command);
}

/* What inside_stub says besides a signal's number. */
enum { GO_ON = -1, SHOW_FAST_CALL = 0x100 };

/*
 * A signal while the thread was in the stub's text. Returns the number to report, with SHOW_FAST_CALL if the registers of the
 * guest are in the slot because it is making a fast call, or GO_ON. Kicks are never lost: before fast_posted a stop is coming
 * anyway; after it, if it is the kernel's turn, the kernel looks for interrupts before it gives the thread back; if not, the
 * call is over and the guest is as the slot says.
 */
static int inside_stub(struct stub_slot *slot, int signal, u64 *registers) {
    u64 ip = registers[R_RIP];
    if (signal == SIGILL && ip == STUB_SLOW_ENTRY) {
        registers[R_RIP] = registers[R_RCX];
        registers[R_FLAGS] &= ~RF;
        return SIGNAL_SLOW_CALL;
    }
    if (signal == SIGILL && ip == (u64)fast_raise)
        return signal | SHOW_FAST_CALL;
    if (signal == SIGTRAP)
        return GO_ON; /* the guest steps over a rewritten call */
    if (signal == STUB_KICK_SIGNAL && ip >= STUB_FAST_ENTRY && ip < (u64)fast_end) {
        if (ip < (u64)fast_posted)
            return GO_ON;
        if (kernels_turn(__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE))) {
            wake(slot);
            return GO_ON;
        }
        obey(slot, slot->command);
        return signal | SHOW_FAST_CALL;
    }
    return signal;
}

/* The start of siginfo_t as seccomp fills it in (struct _sigsys of asm-generic/siginfo.h). */
struct call_information {
    i32 signal;
    i32 error;
    i32 code;
    i32 unused;
    u64 address;
    i32 number;
    u32 architecture;
};

/*
 * Every stop that has a signal frame. The frame lies on the alternate stack in the slot, where the kernel finds FPU state and
 * what the exception was; the general registers are copied to where the kernel wants them and back, which costs less than
 * having it fetch them from many cache lines. Other threads of the guest can scribble over all of this, which harms the guest
 * alone.
 */
EXPORT void on_signal(int signal, const struct call_information *information, void *context) {
    struct stub_slot *slot = (struct stub_slot *)((u64)context & ~(u64)(STUB_SLOT_SIZE - 1));
    if ((u64)slot - STUB_SLOTS >= (u64)STUB_SLOT_COUNT * STUB_SLOT_SIZE)
        host1(SYS_exit_group, 128 + signal); /* the template or a manager failed */
    u64 *registers = general_registers(context);
    int report = signal;
    if (signal == SIGSYS && information->architecture != AUDIT_ARCH_X86_64)
        report = SIGNAL_GATE_CALL;
    if (registers[R_RIP] - STUB_BASE < STUB_TEXT_SIZE) {
        report = inside_stub(slot, signal, registers);
        if (report == GO_ON)
            return;
    }
    if (!(report & SHOW_FAST_CALL))
        frame_to_slot(slot, registers);
    slot->signal = report & ~SHOW_FAST_CALL;
    slot->context = (u32)((u64)context - (u64)slot);
    if (features() & STUB_FEATURE_FSGSBASE) {
        slot->fs_base = read_fs_base();
        slot->gs_base = read_gs_base();
    }
    stop(slot, signal == STUB_KICK_SIGNAL);
    slot_to_frame(slot, registers);
    u32 command = slot->command;
    if (command) {
        obey(slot, command);
        if (command & COMMAND_AMX) {
            /* Frames have room for tiles only after the thread used some: does that, and stops at once for a new frame. */
            expand_amx();
            registers[R_RIP] = (u64)fast_raise;
        }
    }
}

/* ---- Template ---- */

#define CLONE_FILES 0x400
#define CLONE_PIDFD 0x1000
#define CLONE_NEWUSER 0x10000000
#define CLONE_NEWPID 0x20000000

#define AT_HWCAP2 26
#define AT_SYSINFO_EHDR 33
#define AT_MINSIGSTKSZ 51
#define HWCAP2_FSGSBASE 2

#define SA_SIGINFO 4
#define SA_RESTORER 0x04000000
#define SA_ONSTACK 0x08000000

#define ALL_SIGNALS (~0ul)
#define BIT(signal) (1ul << ((signal)-1))
#define OWN_FAULTS (BIT(SIGSEGV) | BIT(SIGBUS) | BIT(SIGILL) | BIT(SIGFPE) | BIT(SIGTRAP) | BIT(SIGSYS))

#define MSG_CMSG_CLOEXEC 0x40000000
#define MSG_NOSIGNAL 0x4000
#define SOL_SOCKET 1
#define SCM_RIGHTS 1
#define EINTR 4

/* One message with room for two descriptors (struct msghdr, struct cmsghdr of linux/socket.h). */
struct packet {
    struct {
        void *name;
        u32 name_length;
        void *vector;
        u64 vector_length;
        void *control;
        u64 control_length;
        u32 flags;
    } header;
    struct {
        void *base;
        u64 length;
    } vector;
    struct {
        u64 length;
        i32 level;
        i32 type;
        i32 descriptors[2];
    } control;
};

static void prepare(struct packet *packet, void *data, u64 length) {
    packet->header.name = 0;
    packet->header.name_length = 0;
    packet->header.vector = &packet->vector;
    packet->header.vector_length = 1;
    packet->header.control = &packet->control;
    packet->header.control_length = sizeof packet->control;
    packet->header.flags = 0;
    packet->vector.base = data;
    packet->vector.length = length;
}

/* Sends a message with `count` descriptors; the kernel being gone ends the template. */
static void send(void *data, u64 length, i32 first, i32 second, int count) {
    struct packet packet;
    prepare(&packet, data, length);
    packet.control.length = 16 + 4 * count;
    packet.control.level = SOL_SOCKET;
    packet.control.type = SCM_RIGHTS;
    packet.control.descriptors[0] = first;
    packet.control.descriptors[1] = second;
    if (count == 0)
        packet.header.control_length = 0;
    if (host3(SYS_sendmsg, STUB_FD_SOCKET, (i64)&packet.header, MSG_NOSIGNAL) < 0)
        host1(SYS_exit_group, 0);
}

/* Receives a request and at most one descriptor (-1: none). The end of the stream ends the template. */
static i32 receive(struct stub_message *message) {
    struct packet packet;
    i64 length;
    do {
        prepare(&packet, message, sizeof *message);
        length = host3(SYS_recvmsg, STUB_FD_SOCKET, (i64)&packet.header, MSG_CMSG_CLOEXEC);
    } while (length == -EINTR);
    if (length != sizeof *message)
        host1(SYS_exit_group, 0);
    if (packet.header.control_length < 20 || packet.control.type != SCM_RIGHTS)
        return -1;
    return packet.control.descriptors[0];
}

/* Unmaps a range; where part of it cannot be unmapped (sealed system mappings), all but that part. */
static void unmap(u64 start, u64 end) {
    if (host2(SYS_munmap, start, end - start) == 0 || end - start <= 4096)
        return;
    u64 middle = (start + (end - start) / 2) & ~4095ul;
    unmap(start, middle);
    unmap(middle, end);
}

static void fail(i64 error) {
    struct stub_hello hello = {.op = OP_HELLO, .result = (i32)error, .protocol = STUB_PROTOCOL};
    send(&hello, sizeof hello, 0, 0, 0);
    host1(SYS_exit_group, 1);
}

static inline void cpuid(u32 leaf, u32 sub, u32 *a, u32 *b, u32 *c, u32 *d) {
    asm volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(leaf), "c"(sub));
}

enum { AMX_CONFIGURATION = 17, AMX_DATA = 18 }; /* XCR0 bits */

/* What a signal frame's XSAVE area looks like here: Intel's SDM volume 1, chapter 13. */
static void describe_xsave(struct stub_hello *hello) {
    u32 a, b, c, d;
    cpuid(1, 0, &a, &b, &c, &d);
    hello->xsave_size = 512;
    if (!(c & 1u << 27)) /* OSXSAVE */
        return;
    u32 low, high;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    hello->xsave_features = (u64)high << 32 | low;
    /* AMX needs leave, given once for this process and its children (Documentation/arch/x86/xstate.rst). */
    if ((low >> AMX_DATA & 1) && host2(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, AMX_DATA) != 0)
        hello->xsave_features &= ~(3ul << AMX_CONFIGURATION);
    hello->xsave_size = 512 + 64;
    for (u32 i = 2; i < XSAVE_COMPONENTS; i++) {
        if (hello->xsave_features >> i & 1) {
            cpuid(13, i, &a, &b, &c, &d);
            hello->components[i].offset = b;
            hello->components[i].bytes = a;
            if (a + b > hello->xsave_size)
                hello->xsave_size = a + b;
        }
    }
}

static u64 nanoseconds(void) {
    u64 time[2];
    host2(SYS_clock_gettime, 1 /* CLOCK_MONOTONIC */, (i64)time);
    return time[0] * 1000000000 + time[1];
}

/* What one look of a spinning thread takes, for the kernel to know how many are worth while. */
static u64 pause_picoseconds(void) {
    enum { TRIES = 5, PAUSES = 400 };
    u64 best = ~0ul;
    for (int i = 0; i < TRIES; i++) {
        u64 start = nanoseconds();
        for (int n = 0; n < PAUSES; n++)
            asm volatile("pause");
        u64 taken = nanoseconds() - start;
        if (taken < best)
            best = taken;
    }
    return best * 1000 / PAUSES;
}

static void describe(struct stub_hello *hello, const u64 *auxiliary) {
    hello->op = OP_HELLO;
    hello->protocol = STUB_PROTOCOL;
    hello->signal_stack = 2048;
    for (; auxiliary[0]; auxiliary += 2) {
        if (auxiliary[0] == AT_HWCAP2 && (auxiliary[1] & HWCAP2_FSGSBASE))
            hello->features |= STUB_FEATURE_FSGSBASE;
        if (auxiliary[0] == AT_MINSIGSTKSZ)
            hello->signal_stack = (u32)auxiliary[1];
    }
    describe_xsave(hello);
    hello->pause_picoseconds = pause_picoseconds();
}

static void limit_resources(void) {
    u64 none[2] = {0, 0};
    host2(SYS_setrlimit, 4, (i64)none); /* RLIMIT_CORE */
    struct {
        u32 version;
        i32 pid;
    } header = {0x20080522, 0};
    u32 sets[6] = {0};
    host2(SYS_capset, (i64)&header, (i64)sets);
    i64 error = host5(SYS_prctl, 38, 1, 0, 0, 0); /* PR_SET_NO_NEW_PRIVS */
    if (error)
        fail(error);
}

static void set_handlers(void) {
    struct {
        void *handler;
        u64 flags;
        void (*restorer)(void);
        u64 mask;
    } action = {on_signal, SA_SIGINFO | SA_ONSTACK | SA_RESTORER, signal_return, ALL_SIGNALS};
    static const u8 signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, STUB_KICK_SIGNAL};
    for (u64 i = 0; i < sizeof signals; i++)
        host4(SYS_rt_sigaction, signals[i], (i64)&action, 0, 8);
    action.handler = (void *)1; /* SIG_IGN: the host reaps dead stubs itself */
    action.flags = SA_RESTORER;
    host4(SYS_rt_sigaction, SIGCHLD, (i64)&action, 0, 8);
    u64 mask = ALL_SIGNALS & ~OWN_FAULTS;
    host4(SYS_rt_sigprocmask, 2, (i64)&mask, 0, 8);
}

static void fork_stub(u64 block) {
    struct stub_message reply = {.op = OP_FORK};
    i32 event = (i32)host2(SYS_eventfd2, 0, 02000000 /* EFD_CLOEXEC */);
    if (event < 0) {
        reply.result = event;
        send(&reply, sizeof reply, 0, 0, 0);
        return;
    }
    i32 pidfd = -1;
    i64 child = host5(SYS_clone, CLONE_FILES | CLONE_PIDFD | SIGCHLD, 0, (i64)&pidfd, 0, 0);
    if (child == 0)
        manager_start(block * CONTROL_BLOCK_SIZE);
    reply.value = (u32)event | (u64)child << 32;
    if (child < 0) {
        host1(SYS_close, event);
        reply.result = (i32)child;
        send(&reply, sizeof reply, 0, 0, 0);
        return;
    }
    send(&reply, sizeof reply, pidfd, event, 2);
    host1(SYS_close, pidfd);
}

/* Runs on the template's own stack, with nothing mapped but the stub. */
EXPORT void template_loop(void) {
    for (;;) {
        struct stub_message message;
        i32 descriptor = receive(&message);
        switch (message.op) {
        case OP_FORK:
            fork_stub(message.value);
            break;
        case OP_ADD_FD: {
            struct stub_message reply = {.op = OP_ADD_FD, .value = (u32)descriptor};
            send(&reply, sizeof reply, 0, 0, 0);
            break;
        }
        case OP_CLOSE_FD:
            host1(SYS_close, (i64)message.value);
            break;
        default:
            host1(SYS_exit_group, 2);
        }
    }
}

EXPORT void template_main(const u64 *stack) {
    static struct stub_hello hello;
    const u64 *word = stack + 1 + stack[0] + 1; /* argc, argv, 0 */
    while (*word++) {
    }
    describe(&hello, word);

    host1(SYS_setsid, 0);
    host3(SYS_close_range, STUB_FD_CONTROL + 1, 0xffffffff, 0);
    i64 error = host1(SYS_unshare, CLONE_NEWPID);
    if (error == -EPERM)
        error = host1(SYS_unshare, CLONE_NEWUSER | CLONE_NEWPID);
    if (error)
        fail(error);
    limit_resources();
    unmap(0, STUB_BASE);
    unmap(STUB_SLOTS, 0x7ffffffff000);
    unmap(STUB_DATA + STUB_DATA_SIZE, STUB_SLOTS);
    set_handlers();

    i64 child = host5(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child < 0)
        fail(child);
    if (child > 0)
        host1(SYS_exit_group, 0);
    error = install_process_filter();
    if (error)
        fail(error);
    send(&hello, sizeof hello, 0, 0, 0);
    template_loop();
}
