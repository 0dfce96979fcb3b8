package dev.runsc.kernel.task.seccomp;

import dev.runsc.gofer.abi.SeccompConstants;
import dev.runsc.state.Savable;
import java.nio.ByteBuffer;

/**
 * What a filter sees of a call ({@code struct seccomp_data}), as the 32-bit words that it loads.
 *
 * <pre>
 * 0 nr   4 arch   8 instruction_pointer   16 args[6], 8 bytes each
 * </pre>
 */
public final class CallData implements Savable {
    /** {@code sizeof(struct seccomp_data)}. */
    public static final int BYTES = 64;

    static final int NUMBER = 0;
    static final int ARCHITECTURE = 4;

    private static final int FIRST_ARGUMENT_WORD = 4;

    private final int[] words = new int[BYTES / Integer.BYTES];

    public CallData(int number, long instructionPointer, long... arguments) {
        words[0] = number;
        words[1] = SeccompConstants.AUDIT_ARCH_X86_64;
        put(2, instructionPointer);
        for (int i = 0; i < arguments.length; i++) {
            put(FIRST_ARGUMENT_WORD + 2 * i, arguments[i]);
        }
    }

    private void put(int index, long value) {
        words[index] = (int) value;
        words[index + 1] = (int) (value >>> Integer.SIZE);
    }

    public int number() {
        return words[0];
    }

    /** As {@code struct seccomp_data}. */
    public void writeTo(ByteBuffer out) {
        for (int word : words) {
            out.putInt(word);
        }
    }

    /** The word at an offset, which the program's check has found to be a multiple of four. */
    int word(int offset) {
        return words[offset >>> 2];
    }
}
