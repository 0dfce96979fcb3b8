package dev.runsc.kernel.task.seccomp;

import static dev.runsc.gofer.abi.SeccompConstants.*;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.state.Savable;

/**
 * A classic BPF program over a {@link CallData} (Linux net/core/filter.c and seccomp_check_filter).
 * It has been checked: it ends, jumps only forward, and loads only what is there.
 *
 * <p>An instruction is the 8 bytes of {@code struct sock_filter} as a little-endian number:
 *
 * <pre>
 * bits 0-15 code   16-23 jump if true   24-31 jump if false   32-63 k
 * </pre>
 */
public final class BpfProgram implements Savable {
    /** Bytes of {@code struct sock_filter}. */
    public static final int INSTRUCTION_BYTES = 8;

    // Codes whose operand is K; those with BPF_X take the index register instead.
    private static final int LOAD_WORD = BPF_LD | BPF_W | BPF_ABS;
    private static final int LOAD_LENGTH = BPF_LD | BPF_W | BPF_LEN;
    private static final int LOAD_IMMEDIATE = BPF_LD | BPF_IMM;
    private static final int LOAD_MEMORY = BPF_LD | BPF_MEM;
    private static final int LOADX_LENGTH = BPF_LDX | BPF_W | BPF_LEN;
    private static final int LOADX_IMMEDIATE = BPF_LDX | BPF_IMM;
    private static final int LOADX_MEMORY = BPF_LDX | BPF_MEM;
    private static final int RETURN_K = BPF_RET | BPF_K;
    private static final int RETURN_A = BPF_RET | BPF_A;
    private static final int JUMP = BPF_JMP | BPF_JA;
    private static final int TO_INDEX = BPF_MISC | BPF_TAX;
    private static final int FROM_INDEX = BPF_MISC | BPF_TXA;

    private final long[] instructions;

    private BpfProgram(long[] instructions) {
        this.instructions = instructions;
    }

    /**
     * A program of these instructions.
     *
     * @throws ErrnoException EINVAL when it is none that a filter may have
     */
    public static BpfProgram of(long[] instructions) throws ErrnoException {
        if (instructions.length == 0 || instructions.length > BPF_MAXINSNS) {
            throw Errno.EINVAL.error();
        }
        for (int at = 0; at < instructions.length; at++) {
            if (!isAllowed(instructions[at], instructions.length - at - 1)) {
                throw Errno.EINVAL.error();
            }
        }
        int last = code(instructions[instructions.length - 1]);
        if (last != RETURN_K && last != RETURN_A || !storesBeforeLoads(instructions)) {
            throw Errno.EINVAL.error();
        }
        return new BpfProgram(instructions.clone());
    }

    private static int code(long instruction) {
        return (int) instruction & 0xffff;
    }

    private static int ifTrue(long instruction) {
        return (int) (instruction >>> 16) & 0xff;
    }

    private static int ifFalse(long instruction) {
        return (int) (instruction >>> 24) & 0xff;
    }

    private static int constant(long instruction) {
        return (int) (instruction >>> 32);
    }

    /**
     * Whether an instruction is one that seccomp knows, its operand in range.
     *
     * @param behind how many instructions follow
     */
    private static boolean isAllowed(long instruction, int behind) {
        int k = constant(instruction);
        return switch (code(instruction)) {
            case LOAD_WORD -> Integer.compareUnsigned(k, CallData.BYTES) < 0 && (k & 3) == 0;
            case LOAD_LENGTH,
                    LOADX_LENGTH,
                    LOAD_IMMEDIATE,
                    LOADX_IMMEDIATE,
                    TO_INDEX,
                    FROM_INDEX,
                    RETURN_K,
                    RETURN_A ->
                    true;
            case LOAD_MEMORY, LOADX_MEMORY, BPF_ST, BPF_STX ->
                    Integer.compareUnsigned(k, BPF_MEMWORDS) < 0;
            case JUMP -> Integer.compareUnsigned(k, behind) < 0;
            default -> isAllowedOperation(instruction, behind);
        };
    }

    private static boolean isAllowedOperation(long instruction, int behind) {
        int code = code(instruction);
        boolean byConstant = (code & BPF_X) == 0;
        int k = constant(instruction);
        return switch (code & ~BPF_X) {
            case BPF_ALU | BPF_ADD,
                    BPF_ALU | BPF_SUB,
                    BPF_ALU | BPF_MUL,
                    BPF_ALU | BPF_AND,
                    BPF_ALU | BPF_OR,
                    BPF_ALU | BPF_XOR ->
                    true;
            case BPF_ALU | BPF_NEG -> byConstant;
            case BPF_ALU | BPF_DIV -> !byConstant || k != 0;
            case BPF_ALU | BPF_LSH, BPF_ALU | BPF_RSH ->
                    !byConstant || Integer.compareUnsigned(k, Integer.SIZE) < 0;
            case BPF_JMP | BPF_JEQ, BPF_JMP | BPF_JGE, BPF_JMP | BPF_JGT, BPF_JMP | BPF_JSET ->
                    ifTrue(instruction) < behind && ifFalse(instruction) < behind;
            default -> false;
        };
    }

    /** Whether every word of memory is written before it is read (check_load_and_stores). */
    private static boolean storesBeforeLoads(long[] instructions) {
        int[] writtenBefore = new int[instructions.length + 1];
        java.util.Arrays.fill(writtenBefore, 0xffff);
        int written = 0;
        for (int at = 0; at < instructions.length; at++) {
            long instruction = instructions[at];
            int k = constant(instruction);
            written &= writtenBefore[at];
            switch (code(instruction)) {
                case BPF_ST, BPF_STX -> written |= 1 << k;
                case LOAD_MEMORY, LOADX_MEMORY -> {
                    if ((written & 1 << k) == 0) {
                        return false;
                    }
                }
                case JUMP -> {
                    writtenBefore[at + 1 + k] &= written;
                    written = 0xffff;
                }
                default -> {
                    if ((code(instruction) & 7) == BPF_JMP) {
                        writtenBefore[at + 1 + ifTrue(instruction)] &= written;
                        writtenBefore[at + 1 + ifFalse(instruction)] &= written;
                        written = 0xffff;
                    }
                }
            }
        }
        return true;
    }

    public int length() {
        return instructions.length;
    }

    /** Instructions as {@code struct sock_filter} has them. */
    public long[] instructions() {
        return instructions.clone();
    }

    /** Runs over a call; {@code SECCOMP_RET_*} with its data. */
    int run(CallData call) {
        int[] memory = null;
        int a = 0;
        int x = 0;
        int at = 0;
        while (true) {
            long instruction = instructions[at++];
            int code = code(instruction);
            int k = constant(instruction);
            switch (code) {
                case LOAD_WORD -> a = call.word(k);
                case LOAD_LENGTH -> a = CallData.BYTES;
                case LOADX_LENGTH -> x = CallData.BYTES;
                case LOAD_IMMEDIATE -> a = k;
                case LOADX_IMMEDIATE -> x = k;
                case LOAD_MEMORY -> a = memory == null ? 0 : memory[k];
                case LOADX_MEMORY -> x = memory == null ? 0 : memory[k];
                case BPF_ST, BPF_STX -> {
                    memory = memory == null ? new int[BPF_MEMWORDS] : memory;
                    memory[k] = code == BPF_ST ? a : x;
                }
                case RETURN_K -> {
                    return k;
                }
                case RETURN_A -> {
                    return a;
                }
                case JUMP -> at += k;
                case TO_INDEX -> x = a;
                case FROM_INDEX -> a = x;
                default -> {
                    int operand = (code & BPF_X) == 0 ? k : x;
                    if ((code & 7) == BPF_JMP) {
                        at += isTrue(code, a, operand) ? ifTrue(instruction) : ifFalse(instruction);
                    } else if (operand == 0 && (code & 0xf0) == BPF_DIV) {
                        return 0;
                    } else {
                        a = calculate(code, a, operand);
                    }
                }
            }
        }
    }

    private static boolean isTrue(int code, int a, int operand) {
        return switch (code & 0xf0) {
            case BPF_JEQ -> a == operand;
            case BPF_JGE -> Integer.compareUnsigned(a, operand) >= 0;
            case BPF_JGT -> Integer.compareUnsigned(a, operand) > 0;
            default -> (a & operand) != 0;
        };
    }

    private static int calculate(int code, int a, int operand) {
        return switch (code & 0xf0) {
            case BPF_ADD -> a + operand;
            case BPF_SUB -> a - operand;
            case BPF_MUL -> a * operand;
            case BPF_DIV -> Integer.divideUnsigned(a, operand);
            case BPF_AND -> a & operand;
            case BPF_OR -> a | operand;
            case BPF_XOR -> a ^ operand;
            case BPF_LSH -> a << operand;
            case BPF_RSH -> a >>> operand;
            default -> -a;
        };
    }

    /**
     * Whether calls of a number are allowed whatever else they are (seccomp_is_const_allow): as far
     * as that shows without looking at arguments.
     */
    boolean alwaysAllows(int number) {
        int a = 0;
        int at = 0;
        while (true) {
            long instruction = instructions[at++];
            int k = constant(instruction);
            int code = code(instruction);
            switch (code) {
                case RETURN_K -> {
                    return k == SECCOMP_RET_ALLOW;
                }
                case LOAD_WORD -> {
                    if (k > CallData.ARCHITECTURE) {
                        return false;
                    }
                    a = k == CallData.NUMBER ? number : AUDIT_ARCH_X86_64;
                }
                case JUMP -> at += k;
                case BPF_ALU | BPF_AND | BPF_K -> a &= k;
                default -> {
                    if ((code & 7) != BPF_JMP || (code & BPF_X) != 0) {
                        return false;
                    }
                    at += isTrue(code, a, k) ? ifTrue(instruction) : ifFalse(instruction);
                }
            }
        }
    }
}
