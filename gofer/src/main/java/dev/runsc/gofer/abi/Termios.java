package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/**
 * The kernel's {@code struct termios} of TCGETS (asm-generic/termbits.h). Flags are in {@link
 * TermiosFlags}; {@code controlCharacters} has {@link #CONTROL_CHARACTERS} bytes and is not copied.
 */
@SuppressWarnings("ArrayRecordComponent") // small fixed array of the ABI; never compared
public record Termios(
        int inputFlags,
        int outputFlags,
        int controlFlags,
        int localFlags,
        int line,
        byte[] controlCharacters)
        implements AbiStruct {
    /** {@code NCCS} of the kernel; the C library's is larger. */
    public static final int CONTROL_CHARACTERS = 19;

    public static final int BYTES = 36;

    public Termios {
        if (controlCharacters.length != CONTROL_CHARACTERS) {
            throw new IllegalArgumentException("control characters: " + controlCharacters.length);
        }
    }

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Termios readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        int inputFlags = in.getInt();
        int outputFlags = in.getInt();
        int controlFlags = in.getInt();
        int localFlags = in.getInt();
        int line = in.get() & 0xff;
        byte[] characters = new byte[CONTROL_CHARACTERS];
        in.get(characters);
        return new Termios(inputFlags, outputFlags, controlFlags, localFlags, line, characters);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putInt(inputFlags);
        out.putInt(outputFlags);
        out.putInt(controlFlags);
        out.putInt(localFlags);
        out.put((byte) line);
        out.put(controlCharacters);
    }
}
