/*
 * The memory that the kernel (a JVM) and its stub processes share, and the messages between them. This header is the only
 * definition; the Java classes StubLayout, RingLayout, SlotLayout and MessageLayout repeat it and a test compares them.
 *
 * Everything here is part of what an image relies on only where it says so; the rest may change with any release.
 */
#ifndef RUNSC_STUB_H
#define RUNSC_STUB_H

/* ---- Addresses in a stub process, constant on every machine. Images rely on STUB_CALL_POINTER and nothing else. ---- */

/* Start of the stub's text. Seccomp knows "inside the stub" by STUB_BASE <= ip < STUB_BASE + STUB_TEXT_SIZE. */
#define STUB_BASE 0x7ffe00000000
#define STUB_TEXT_SIZE 0x100000
/* Data and stack of the template; unmapped in stub processes. */
#define STUB_DATA 0x7ffe00200000
#define STUB_DATA_SIZE 0x100000
/* This process's request ring, read-only here. */
#define STUB_RING 0x7ffe00400000
#define STUB_RING_SIZE 0x2000
/* This process's reply page, writable here and so never trusted. */
#define STUB_REPLY 0x7ffe00410000
#define STUB_REPLY_SIZE 0x1000
/* Slot n of the sandbox is at STUB_SLOTS + n * STUB_SLOT_SIZE in the one process that runs its thread. */
#define STUB_SLOTS 0x7fff00000000
#define STUB_SLOT_SIZE 0x10000
#define STUB_SLOT_COUNT 0x8000
/*
 * Where the rewritten call sites of a guest go: the address stored here, STUB_FAST_ENTRY, or where that cannot work,
 * STUB_SLOW_ENTRY. Both take the call number in eax, the address to go on at in rcx, and may change r11.
 */
#define STUB_CALL_POINTER 0x7ffe00400040
#define STUB_SLOW_ENTRY 0x7ffe00000010
#define STUB_FAST_ENTRY 0x7ffe00000040

/* ---- The control file: one block per process, then the slots. ---- */
#define CONTROL_BLOCK_SIZE 0x4000
#define CONTROL_BLOCK_COUNT 0x8000
#define CONTROL_REPLY_OFFSET 0x2000
#define CONTROL_SLOTS_OFFSET 0x40000000
#define CONTROL_SIZE 0xc0000000

/* ---- Descriptors that the template inherits. ---- */
#define STUB_FD_SOCKET 3
#define STUB_FD_MEMORY 4
#define STUB_FD_CONTROL 5

/* ---- Request ring: written by the kernel, carried out by the manager thread. ---- */
#define RING_ENTRIES 64
#define RING_ENTRY_SIZE 64

/* Requests posted so far; the manager sleeps on it. */
#define RING_HEAD 0
/* How often the manager looks again before it sleeps. */
#define RING_SPIN 4
/* STUB_FEATURE_* that this process shall use. */
#define RING_FEATURES 8
/* The eventfd that tells of completion. */
#define RING_EVENTFD 12
/* stack_t for the thread now being born. */
#define RING_BIRTH_STACK 16
/* STUB_CALL_POINTER in this page. */
#define RING_CALL_POINTER 64
#define RING_FIRST_ENTRY 0x1000

#define ENTRY_NUMBER 0
#define ENTRY_FLAGS 4
#define ENTRY_ARGUMENTS 8

/* The call makes a thread: result 0 means being it. */
#define ENTRY_FLAG_CLONE 1
/* Failure is no failure of the batch. */
#define ENTRY_FLAG_MAY_FAIL 2
/* Failure ends the process. */
#define ENTRY_FLAG_MUST_SUCCEED 4
/* Report on the eventfd: adds 1, and EVENT_FAILED too if any request ever failed. */
#define ENTRY_FLAG_NOTIFY 8
#define EVENT_FAILED 0x100000000

/* Reply page: hints. */
#define REPLY_DONE 0
#define REPLY_ERROR 8
#define REPLY_RESULT 16

/*
 * ---- Slot of a guest thread: header, then the alternate signal stack up to the slot's end. ----
 * What most calls need lies in one cache line, for each further one costs as much as all the rest of a hand-over.
 */

/* Whose turn it is; both sides sleep on it. The host writes STATE_GONE when the thread exits (CLONE_CHILD_CLEARTID). */
#define SLOT_STATE 0
/* Signal of this stop, or a SIGNAL_* below. */
#define SLOT_SIGNAL 4
/* Offset of the ucontext from the slot's start. */
#define SLOT_CONTEXT 8
/*
 * The general registers at a stop: call number, result and arguments here, the others further down. What is here when the
 * thread goes on is what it gets, whatever a signal frame says.
 */
#define SLOT_RAX 16
#define SLOT_RDI 24
#define SLOT_RSI 32
#define SLOT_RDX 40
#define SLOT_R10 48
#define SLOT_R8 56
/* COMMAND_* bits for the thread when it goes on. */
#define SLOT_COMMAND 64
/* How often the stub looks again before it sleeps. */
#define SLOT_SPIN 68
#define SLOT_FS_BASE 72
#define SLOT_GS_BASE 80
/* Thread id in the stubs' PID namespace (CLONE_PARENT_SETTID). */
#define SLOT_THREAD_ID 88
#define SLOT_R9 128
#define SLOT_R11 136
#define SLOT_R12 144
#define SLOT_R13 152
#define SLOT_R14 160
#define SLOT_R15 168
#define SLOT_RBP 176
#define SLOT_RBX 184
#define SLOT_RCX 192
#define SLOT_RSP 200
#define SLOT_RIP 208
#define SLOT_EFLAGS 216
/* Top of the few words of stack that the fast entry needs. */
#define SLOT_FAST_STACK 0x400
/* Lowest byte of the alternate stack. */
#define SLOT_STACK 0x400

/* A call through STUB_FAST_ENTRY: there is no signal frame. */
#define SIGNAL_FAST_CALL 0
/* A call through STUB_SLOW_ENTRY: there is a signal frame. */
#define SIGNAL_SLOW_CALL 65
/* A call through the gate of 32-bit code, RIP behind the instruction. */
#define SIGNAL_GATE_CALL 66

#define STATE_GONE 0
/* The stub's turn. */
#define STATE_RUN 1
/* The kernel's turn. */
#define STATE_EVENT 2
/* The stub's turn, and the kernel sleeps; likewise the other way round. */
#define STATE_RUN_AWAITED 3
#define STATE_EVENT_AWAITED 4

/* Load FS base from SLOT_FS_BASE. */
#define COMMAND_SET_FS 1
/* Load GS base from SLOT_GS_BASE. */
#define COMMAND_SET_GS 2
/* End this thread. */
#define COMMAND_EXIT 4
/* At a fast call: stop again at once, with a signal frame that holds the whole state. */
#define COMMAND_FRAME 8
/* Make room for AMX state, then stop again at once with a signal frame that has it. */
#define COMMAND_AMX 16

/* The signal that interrupts guest code (SIGUSR1). */
#define STUB_KICK_SIGNAL 10

/* ---- Messages on the control socket (SOCK_SEQPACKET). ---- */
#define STUB_PROTOCOL 1

#define OP_HELLO 1
/*
 * argument: index of the control block. Reply: value = number of its eventfd | its pid in the stubs' PID namespace << 32,
 * carries pidfd and eventfd.
 */
#define OP_FORK 2
/* Carries a descriptor. Reply: value = its number in every stub process. */
#define OP_ADD_FD 3
/* argument: descriptor number. No reply. */
#define OP_CLOSE_FD 4

/* The rdfsbase family may be used in user mode. */
#define STUB_FEATURE_FSGSBASE 1
/* Threads keep their slot's address in GS base, for rewritten call sites. */
#define STUB_FEATURE_FAST_ENTRY 2

/* Components of an XSAVE area that are described in the hello. */
#define XSAVE_COMPONENTS 20

#ifndef __ASSEMBLER__
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int i32;
typedef unsigned long u64;
typedef long i64;

struct stub_ring {
    volatile u32 head;
    u32 spin;
    u32 features;
    u32 eventfd;
    u64 birth_stack[3];
    u64 unused[3];
    u64 call_pointer;
};

struct stub_ring_entry {
    u32 number;
    u32 flags;
    u64 arguments[6];
    u64 unused;
};

struct stub_reply {
    u32 done;
    u32 unused;
    i64 error;
    i64 result;
};

struct stub_slot {
    u32 state;
    u32 signal;
    u32 context;
    u32 unused;
    u64 rax;
    u64 rdi;
    u64 rsi;
    u64 rdx;
    u64 r10;
    u64 r8;
    volatile u32 command;
    volatile u32 spin;
    u64 fs_base;
    u64 gs_base;
    u32 thread_id;
    u32 unused1[9];
    u64 r9;
    u64 r11;
    u64 r12;
    u64 r13;
    u64 r14;
    u64 r15;
    u64 rbp;
    u64 rbx;
    u64 rcx;
    u64 rsp;
    u64 rip;
    u64 eflags;
};

struct stub_message {
    u32 op;
    i32 result;
    u64 value;
};

/* Where one component of an XSAVE area lies; 0 bytes if it is not there. */
struct stub_component {
    u32 offset;
    u32 bytes;
};

struct stub_hello {
    u32 op;
    i32 result;
    u32 protocol;
    u32 features;
    u32 signal_stack;
    u32 xsave_size;
    u64 xsave_features;
    u64 pause_picoseconds;
    struct stub_component components[XSAVE_COMPONENTS];
};
#endif
#endif
