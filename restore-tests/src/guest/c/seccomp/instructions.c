#include "filters.h"

#define OP(operation, value) BPF_STMT(BPF_ALU | (operation) | BPF_K, value)
#define OP_X(operation) BPF_STMT(BPF_ALU | (operation) | BPF_X, 0)
#define IF(condition, value, yes, no) BPF_JUMP(BPF_JMP | (condition) | BPF_K, value, yes, no)
#define MEMORY(code, word) BPF_STMT(code, word)

/* What a program computes in A from the arguments of getsid, shown as the error that the call ends with. */
static void result(const struct sock_filter *code, size_t count, long first, long second, int expected) {
    struct sock_filter program[64] = {LOAD(nr), UNLESS(SYS_getsid, 0)};
    program[1].jf = (unsigned char)(count + 2);
    memcpy(program + 2, code, count * sizeof *code);
    program[count + 2] = (struct sock_filter)OP(BPF_OR, SECCOMP_RET_ERRNO);
    program[count + 3] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
    program[count + 4] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
    pid_t child = SYS(fork());
    if (child == 0) {
        EQ(filter_try(0, program, count + 5), 0);
        errno = 0;
        long value = syscall(SYS_getsid, first, second);
        EQ(value, expected == 0 ? 0 : -1);
        EQ(errno, expected);
        _exit(0);
    }
    REAP(child);
}

#define RESULT(first, second, expected, ...)                                              \
    do {                                                                                  \
        struct sock_filter guest_code[] = {__VA_ARGS__};                                  \
        result(guest_code, sizeof guest_code / sizeof guest_code[0], first, second, expected); \
    } while (0)

GUEST("filters calculate as the machine does") {
    no_new_privileges();
    RESULT(7, 0, 12, LOAD_LOW(0), OP(BPF_ADD, 5));
    RESULT(7, 0, 2, LOAD_LOW(0), OP(BPF_SUB, 5));
    RESULT(7, 0, 35, LOAD_LOW(0), OP(BPF_MUL, 5));
    RESULT(0xffffffff, 0, 0xfff, LOAD_LOW(0), OP(BPF_DIV, 0x100000)); // unsigned
    RESULT(7, 0, 3, LOAD_LOW(0), OP(BPF_AND, 0xb));
    RESULT(7, 0, 12, LOAD_LOW(0), OP(BPF_XOR, 0xb));
    RESULT(7, 0, 56, LOAD_LOW(0), OP(BPF_LSH, 3));
    RESULT(0x80000000, 0, 8, LOAD_LOW(0), OP(BPF_RSH, 28));
    RESULT(-9L, 0, 9, LOAD_LOW(0), OP(BPF_NEG, 0));
    RESULT(0x500000000, 0, 5, LOAD_HIGH(0));
    RESULT(9, 4, 13, LOAD_LOW(1), BPF_STMT(BPF_MISC | BPF_TAX, 0), LOAD_LOW(0), OP_X(BPF_ADD));
    RESULT(9, 4, 2, LOAD_LOW(1), BPF_STMT(BPF_MISC | BPF_TAX, 0), LOAD_LOW(0), OP_X(BPF_DIV));
    RESULT(9, 4, 4, LOAD_LOW(1), BPF_STMT(BPF_MISC | BPF_TAX, 0), LOAD_LOW(0), BPF_STMT(BPF_MISC | BPF_TXA, 0));
    RESULT(0, 0, 64, BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0));
    RESULT(0, 0, 64, BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_MISC | BPF_TXA, 0));
    RESULT(0, 0, 31, BPF_STMT(BPF_LD | BPF_IMM, 31));
    RESULT(3, 0, 3, LOAD_LOW(0), MEMORY(BPF_ST, 15), BPF_STMT(BPF_LD | BPF_IMM, 9), MEMORY(BPF_LD | BPF_MEM, 15));
    RESULT(3, 0, 3, LOAD_LOW(0), MEMORY(BPF_ST, 2), MEMORY(BPF_LDX | BPF_MEM, 2), MEMORY(BPF_STX, 0), //
           BPF_STMT(BPF_LD | BPF_IMM, 9), MEMORY(BPF_LD | BPF_MEM, 0));
    checkpoint();
    for (int i = 0; i < 2; i++) {
        long big = i == 0 ? 0x80000001 : 5;
        RESULT(big, 0, i == 0 ? 1 : 2, LOAD_LOW(0), IF(BPF_JGT, 0x80000000, 0, 2), BPF_STMT(BPF_LD | BPF_IMM, 1), //
               BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_LD | BPF_IMM, 2));
        RESULT(big, 0, i == 0 ? 1 : 2, LOAD_LOW(0), IF(BPF_JGE, 0x80000001, 0, 2), BPF_STMT(BPF_LD | BPF_IMM, 1), //
               BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_LD | BPF_IMM, 2));
        RESULT(big, 0, i == 0 ? 1 : 2, LOAD_LOW(0), IF(BPF_JSET, 0x80000000, 0, 2), BPF_STMT(BPF_LD | BPF_IMM, 1), //
               BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_LD | BPF_IMM, 2));
    }
    pid_t child = SYS(fork());
    if (child == 0) { // a division by zero ends the program with the strictest answer
        EQ(FILTER(0, LOAD(nr), UNLESS(SYS_getsid, 1), OP_X(BPF_DIV), ANSWER(SECCOMP_RET_ALLOW)), 0);
        syscall(SYS_getsid, 0);
        _exit(1);
    }
    EQ(guest_status(child) & ~0x80, SIGSYS);
}
