package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Termios;
import dev.runsc.gofer.abi.TermiosFlags;
import dev.runsc.kernel.memory.MemoryManager;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The three structures in which programs give and take modes (asm-generic/termbits.h, termios.h).
 */
enum ModesForm {
    /** {@code struct termio} of System V: 16-bit flags and eight characters. */
    TERMIO(18),
    /** The kernel's {@code struct termios}. */
    TERMIOS(Termios.BYTES),
    /** {@code struct termios2}, with speeds as numbers. */
    TERMIOS2(Termios.BYTES + 8);

    private static final int OLD_CHARACTERS = 8;
    private static final int LOW_HALF = 0xffff;

    /** Bits per second for B0 to B38400, then for B57600 to B4000000. */
    private static final int[] SPEEDS = {
        0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 0,
        57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000,
        2500000, 3000000, 3500000, 4000000
    };

    private final int bytes;

    ModesForm(int bytes) {
        this.bytes = bytes;
    }

    void write(MemoryManager memory, long address, Modes modes) throws ErrnoException {
        ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        Termios termios = modes.termios();
        if (this == TERMIO) {
            out.putShort((short) termios.inputFlags()).putShort((short) termios.outputFlags());
            out.putShort((short) termios.controlFlags()).putShort((short) termios.localFlags());
            out.put((byte) termios.line());
            out.put(termios.controlCharacters(), 0, OLD_CHARACTERS);
        } else {
            termios.writeTo(out);
        }
        if (this == TERMIOS2) {
            out.putInt(modes.inputSpeed()).putInt(modes.outputSpeed());
        }
        memory.copyOut(address, out.array());
    }

    Modes read(MemoryManager memory, long address, Modes old) throws ErrnoException {
        byte[] data = new byte[bytes];
        memory.copyIn(address, data);
        ByteBuffer in = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        Termios termios = this == TERMIO ? readOld(in, old.termios()) : Termios.readFrom(in);
        int selector = termios.controlFlags() & TermiosFlags.CBAUD;
        int speed = speed(selector);
        if (selector == TermiosFlags.BOTHER) {
            speed = this == TERMIOS2 ? in.getInt(Termios.BYTES + 4) : old.outputSpeed();
        }
        return new Modes(termios, speed, speed);
    }

    private static int speed(int selector) {
        int index = selector & ~TermiosFlags.CBAUDEX;
        return SPEEDS[(selector & TermiosFlags.CBAUDEX) == 0 ? index : index + 16];
    }

    private static Termios readOld(ByteBuffer in, Termios old) {
        int input = old.inputFlags() & ~LOW_HALF | in.getShort() & LOW_HALF;
        int output = old.outputFlags() & ~LOW_HALF | in.getShort() & LOW_HALF;
        int control = old.controlFlags() & ~LOW_HALF | in.getShort() & LOW_HALF;
        int local = old.localFlags() & ~LOW_HALF | in.getShort() & LOW_HALF;
        int line = in.get() & 0xff;
        byte[] characters = old.controlCharacters().clone();
        in.get(characters, 0, OLD_CHARACTERS);
        return new Termios(input, output, control, local, line, characters);
    }
}
