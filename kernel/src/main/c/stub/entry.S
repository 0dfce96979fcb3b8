/*
 * The parts of the stub that may touch no stack: entry of the template, the manager of a stub process, the birth of guest
 * threads. A guest thread can write to any writable page of its process at any time, so the manager keeps all it knows in
 * registers.
 */
#include "stub.h"
#include "host.h"

        .section .text.entry, "ax"
        .globl _start, signal_return, manager_start, fast_posted, fast_raise, fast_end, expand_amx

/* Offset 0: whoever runs off below the stub stops here. */
        ud2

/* Calls from rewritten sites where threads have no slot in GS base: a signal, and on_signal knows the address. */
        .org STUB_SLOW_ENTRY - STUB_BASE
        ud2

/*
 * Calls from rewritten sites: eax number, rcx return address, flags and all other registers but r11 the guest's, which may
 * not be changed and whose stack may not be touched. GS base is the slot's address; if the guest changed it, what follows
 * happens to the guest's own memory. Signals are open here: on_signal knows the ranges between the labels.
 */
        .org STUB_FAST_ENTRY - STUB_BASE
fast_entry:
        mov     %r8, %gs:SLOT_R8
        mov     %r9, %gs:SLOT_R9
        mov     %r10, %gs:SLOT_R10
        mov     %r12, %gs:SLOT_R12
        mov     %r13, %gs:SLOT_R13
        mov     %r14, %gs:SLOT_R14
        mov     %r15, %gs:SLOT_R15
        mov     %rdi, %gs:SLOT_RDI
        mov     %rsi, %gs:SLOT_RSI
        mov     %rbp, %gs:SLOT_RBP
        mov     %rbx, %gs:SLOT_RBX
        mov     %rdx, %gs:SLOT_RDX
        mov     %rax, %gs:SLOT_RAX
        mov     %rcx, %gs:SLOT_RCX
        mov     %rsp, %gs:SLOT_RSP
        mov     %rcx, %gs:SLOT_RIP
        rdgsbase %rbx
        lea     SLOT_FAST_STACK(%rbx), %rsp
        pushfq
        pop     %rcx
        mov     %rcx, SLOT_EFLAGS(%rbx)
        mov     %rcx, SLOT_R11(%rbx)              /* as the syscall instruction leaves it in r11 */
        rdfsbase %rcx
        mov     %rcx, SLOT_FS_BASE(%rbx)
        movl    $SIGNAL_FAST_CALL, SLOT_SIGNAL(%rbx)
        mov     $STATE_EVENT, %eax
        xchg    %eax, SLOT_STATE(%rbx)
fast_posted:
        cmp     $STATE_RUN_AWAITED, %eax
        jne     1f
        mov     %rbx, %rdi
        mov     $FUTEX_WAKE, %esi
        mov     $0x7fffffff, %edx
        mov     $SYS_futex, %eax
        syscall
1:      mov     SLOT_SPIN(%rbx), %ecx
2:      mov     SLOT_STATE(%rbx), %eax
        cmp     $STATE_EVENT, %eax
        jne     3f
        test    %ecx, %ecx
        jz      3f
        dec     %ecx
        pause
        jmp     2b
3:      mov     $STATE_EVENT_AWAITED, %edx
        cmp     %edx, %eax
        je      9f
        cmp     $STATE_EVENT, %eax
        jne     4f
        lock cmpxchg %edx, SLOT_STATE(%rbx)
        jne     1b
9:      mov     %rbx, %rdi
        mov     $FUTEX_WAIT, %esi
        xor     %r10d, %r10d
        mov     $SYS_futex, %eax
        syscall
        jmp     1b
4:      mov     SLOT_COMMAND(%rbx), %eax
        test    %eax, %eax
        jnz     6f
5:      push    SLOT_EFLAGS(%rbx)
        popfq
        mov     %gs:SLOT_R8, %r8
        mov     %gs:SLOT_R9, %r9
        mov     %gs:SLOT_R10, %r10
        mov     %gs:SLOT_R11, %r11
        mov     %gs:SLOT_R12, %r12
        mov     %gs:SLOT_R13, %r13
        mov     %gs:SLOT_R14, %r14
        mov     %gs:SLOT_R15, %r15
        mov     %gs:SLOT_RDI, %rdi
        mov     %gs:SLOT_RSI, %rsi
        mov     %gs:SLOT_RBP, %rbp
        mov     %gs:SLOT_RBX, %rbx
        mov     %gs:SLOT_RDX, %rdx
        mov     %gs:SLOT_RAX, %rax
        mov     %gs:SLOT_RCX, %rcx
        mov     %gs:SLOT_RSP, %rsp
        jmp     *%gs:SLOT_RIP
6:      test    $COMMAND_EXIT, %eax
        jz      7f
        xor     %edi, %edi
        mov     $SYS_exit, %eax
        syscall
7:      test    $COMMAND_SET_FS, %eax
        jz      8f
        mov     SLOT_FS_BASE(%rbx), %rcx
        wrfsbase %rcx
8:      test    $COMMAND_FRAME, %eax
        jz      5b
fast_raise:
        ud2
fast_end:

        .text
_start:
        mov     %rsp, %rdi
        lea     template_stack_top(%rip), %rsp
        call    template_main
        ud2

/* Compilers may call these for what is no call in the source. */
        .globl  memset, memcpy
memset:
        mov     %rdi, %r8
        mov     %esi, %eax
        mov     %rdx, %rcx
        rep stosb
        mov     %r8, %rax
        ret
memcpy:
        mov     %rdi, %rax
        mov     %rdx, %rcx
        rep movsb
        ret

/* Touches a tile register, which makes the host give this thread room for them. */
expand_amx:
        ldtilecfg tile_configuration(%rip)
        tilezero %tmm0
        tilerelease
        ret

signal_return:
        mov     $SYS_rt_sigreturn, %eax
        syscall
        ud2

/*
 * manager_start(rdi = offset of this process's block in the control file): maps the process's own pages and carries out
 * requests for ever. rbp ring, r12 reply page, r13d requests done, r14 not zero once one failed, r15 the entry at hand.
 */
manager_start:
        mov     %rdi, %r14
        mov     $STUB_DATA, %rdi
        mov     $STUB_DATA_SIZE, %esi
        mov     $SYS_munmap, %eax
        syscall
        mov     $STUB_RING, %rdi
        mov     $STUB_RING_SIZE, %esi
        mov     $1, %edx                        /* PROT_READ */
        mov     $0x11, %r10d                    /* MAP_SHARED | MAP_FIXED */
        mov     $STUB_FD_CONTROL, %r8d
        mov     %r14, %r9
        mov     $SYS_mmap, %eax
        syscall
        cmp     %rdi, %rax
        jne     give_up
        mov     $STUB_REPLY, %rdi
        mov     $STUB_REPLY_SIZE, %esi
        mov     $3, %edx                        /* PROT_READ | PROT_WRITE */
        add     $CONTROL_REPLY_OFFSET, %r9
        mov     $SYS_mmap, %eax
        syscall
        cmp     %rdi, %rax
        jne     give_up
        mov     $STUB_RING, %rbp
        mov     $STUB_REPLY, %r12
        xor     %r13d, %r13d
        xor     %r14d, %r14d
        xor     %esp, %esp

manager_loop:
        cmp     %r13d, RING_HEAD(%rbp)
        jne     3f
        mov     RING_SPIN(%rbp), %ecx
1:      test    %ecx, %ecx
        jz      2f
        dec     %ecx
        pause
        cmp     %r13d, RING_HEAD(%rbp)
        je      1b
        jmp     3f
2:      lea     RING_HEAD(%rbp), %rdi
        xor     %esi, %esi                      /* FUTEX_WAIT */
        mov     %r13d, %edx
        xor     %r10d, %r10d
        mov     $SYS_futex, %eax
        syscall
        jmp     manager_loop

3:      mov     %r13d, %eax
        and     $(RING_ENTRIES - 1), %eax
        imul    $RING_ENTRY_SIZE, %eax, %eax
        lea     RING_FIRST_ENTRY(%rbp, %rax), %r15
        mov     ENTRY_ARGUMENTS(%r15), %rdi
        mov     ENTRY_ARGUMENTS + 8(%r15), %rsi
        mov     ENTRY_ARGUMENTS + 16(%r15), %rdx
        mov     ENTRY_ARGUMENTS + 24(%r15), %r10
        mov     ENTRY_ARGUMENTS + 32(%r15), %r8
        mov     ENTRY_ARGUMENTS + 40(%r15), %r9
        mov     ENTRY_NUMBER(%r15), %eax
        mov     ENTRY_FLAGS(%r15), %ebx
        syscall
        test    $ENTRY_FLAG_CLONE, %ebx
        jz      4f
        test    %rax, %rax
        jz      thread_birth
4:      inc     %r13d
        mov     %rax, REPLY_RESULT(%r12)
        cmp     $-4095, %rax
        jb      5f
        test    $ENTRY_FLAG_MAY_FAIL, %ebx
        jnz     5f
        mov     %rax, REPLY_ERROR(%r12)
        test    $ENTRY_FLAG_MUST_SUCCEED, %ebx
        jnz     give_up
        mov     $1, %r14d
5:      test    $ENTRY_FLAG_NOTIFY, %ebx
        jz      manager_loop
        mov     RING_EVENTFD(%rbp), %edi
        lea     event_values(%rip), %rsi
        lea     (%rsi, %r14, 8), %rsi
        mov     $8, %edx
        mov     $SYS_write, %eax
        syscall
        mov     %r13d, REPLY_DONE(%r12)
        jmp     manager_loop

give_up:
        mov     $3, %edi
        mov     $SYS_exit_group, %eax
        syscall
        ud2

/*
 * A new guest thread, with its slot's address in r9. No guest code has run in it and no signal is open; once the guest
 * filter stands it stops for the first time, by a signal, with a frame that holds a clean state.
 */
thread_birth:
        mov     %r9, %r12
        lea     RING_BIRTH_STACK(%rbp), %rdi
        xor     %esi, %esi
        mov     $SYS_sigaltstack, %eax
        syscall
        test    %rax, %rax
        jnz     give_up
        testl   $STUB_FEATURE_FAST_ENTRY, RING_FEATURES(%rbp)
        jz      1f
        wrgsbase %r12
1:      mov     $1, %edi                        /* SECCOMP_SET_MODE_FILTER */
        xor     %esi, %esi
        lea     guest_filter_program(%rip), %rdx
        mov     $SYS_seccomp, %eax
        syscall
        test    %rax, %rax
        jnz     give_up
        ud2

        .section .rodata.manager, "a"
        .balign 8
tile_configuration:                             /* palette 1, tile 0 of one row of 64 bytes */
        .byte   1
        .skip   15
        .word   64
        .skip   30
        .byte   1
        .skip   15
event_values:
        .quad   1
        .quad   1 + EVENT_FAILED

        .bss
        .balign 16
        .skip   0x8000
template_stack_top:

        .section .note.GNU-stack, "", @progbits
