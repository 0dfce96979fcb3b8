package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.TermiosFlags.BSDLY;
import static dev.runsc.gofer.abi.TermiosFlags.CBAUD;
import static dev.runsc.gofer.abi.TermiosFlags.CIBAUD;
import static dev.runsc.gofer.abi.TermiosFlags.CRDLY;
import static dev.runsc.gofer.abi.TermiosFlags.CSIZE;
import static dev.runsc.gofer.abi.TermiosFlags.IBSHIFT;
import static dev.runsc.gofer.abi.TermiosFlags.NLDLY;
import static dev.runsc.gofer.abi.TermiosFlags.TABDLY;
import static dev.runsc.gofer.abi.TermiosFlags.VTDLY;

import dev.runsc.gofer.abi.ConstantNames;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.TermiosFlags;
import dev.runsc.kernel.memory.MemoryManager;
import java.util.ArrayList;
import java.util.List;

/** Modes of terminals as strace(1) writes them, in its order of flags. */
final class TerminalText {
    private static final ConstantNames ALL =
            ConstantNames.of(TermiosFlags.class, "", "EXTA", "EXTB", "TCSA", "V", "TIOC", "NCC");

    private static final ConstantNames SPEEDS =
            ConstantNames.of(TermiosFlags.class, "B", "BS", "BRKINT");

    private static final ConstantNames FLUSHING =
            ConstantNames.of(TermiosFlags.class, "TCIFLUSH")
                    .and(ConstantNames.of(TermiosFlags.class, "TCOFLUSH"))
                    .and(ConstantNames.of(TermiosFlags.class, "TCIOFLUSH"));

    private static final ConstantNames FLOW =
            ConstantNames.of(TermiosFlags.class, "TCOO")
                    .and(ConstantNames.of(TermiosFlags.class, "TCIO", "TCIOFLUSH"));

    private static final String[] INPUT = {
        "IGNBRK", "BRKINT", "IGNPAR", "PARMRK", "INPCK", "ISTRIP", "INLCR", "IGNCR", "ICRNL",
        "IUCLC", "IXON", "IXANY", "IXOFF", "IMAXBEL", "IUTF8"
    };
    private static final String[] OUTPUT = {
        "OPOST", "OLCUC", "ONLCR", "OCRNL", "ONOCR", "ONLRET", "OFILL", "OFDEL"
    };
    private static final String[] CONTROL = {
        "CSTOPB", "CREAD", "PARENB", "PARODD", "HUPCL", "CLOCAL", "CMSPAR", "CRTSCTS"
    };
    private static final String[] LOCAL = {
        "ISIG", "ICANON", "XCASE", "ECHO", "ECHOE", "ECHOK", "ECHONL", "NOFLSH", "IEXTEN",
        "ECHOCTL", "ECHOPRT", "ECHOKE", "FLUSHO", "PENDIN", "TOSTOP", "EXTPROC"
    };

    /** asm-generic/termbits.h. */
    private static final int FFDLY = 0100000;

    /** The kinds of delays, and their names by value. */
    private static final int[] DELAYS = {NLDLY, CRDLY, TABDLY, BSDLY, VTDLY, FFDLY};

    private static final String[] DELAY_NAMES = {"NL", "CR", "TAB", "BS", "VT", "FF"};

    private TerminalText() {}

    /** A queue that TCFLSH empties. */
    static String flushed(int queue) {
        return FLUSHING.value(queue);
    }

    /** What TCXONC does. */
    static String flow(int action) {
        return FLOW.value(action);
    }

    /** {@code struct termios}, and the beginning of {@code struct termios2}. */
    static String modes(ShownCall call, long address) throws ErrnoException {
        MemoryManager memory = call.task().memory();
        int[] flags = new int[4];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = memory.readInt(address + (long) i * Integer.BYTES);
        }
        return text(flags);
    }

    /** {@code struct termio}, the old one. */
    static String shortModes(ShownCall call, long address) throws ErrnoException {
        MemoryManager memory = call.task().memory();
        int[] flags = new int[4];
        for (int i = 0; i < flags.length; i += 2) {
            int two = memory.readInt(address + (long) i * Short.BYTES);
            flags[i] = two & 0xffff;
            flags[i + 1] = two >>> Short.SIZE;
        }
        return text(flags);
    }

    private static String text(int[] flags) {
        return "{c_iflag="
                + flags(flags[0], INPUT)
                + ", c_oflag="
                + output(flags[1])
                + ", c_cflag="
                + control(flags[2])
                + ", c_lflag="
                + flags(flags[3], LOCAL)
                + ", ...}";
    }

    private static String flags(int bits, String[] names) {
        List<String> found = new ArrayList<>();
        int rest = bits;
        for (String name : names) {
            int flag = ALL.find(name);
            if ((rest & flag) != 0) {
                found.add(name);
                rest &= ~flag;
            }
        }
        if (rest != 0 || found.isEmpty()) {
            found.add(ShownCall.hex(Integer.toUnsignedLong(rest)));
        }
        return String.join("|", found);
    }

    private static String output(int bits) {
        int rest = bits;
        List<String> found = new ArrayList<>();
        for (int i = 0; i < DELAYS.length; i++) {
            int delay = (bits & DELAYS[i]) >>> Integer.numberOfTrailingZeros(DELAYS[i]);
            found.add(DELAYS[i] == TABDLY && delay == 3 ? "XTABS" : DELAY_NAMES[i] + delay);
            rest &= ~DELAYS[i];
        }
        return joined(found, rest, OUTPUT);
    }

    private static String control(int bits) {
        List<String> found = new ArrayList<>();
        found.add(SPEEDS.value(bits & CBAUD));
        if ((bits & CIBAUD) != 0) {
            found.add(SPEEDS.value((bits & CIBAUD) >>> IBSHIFT) + "<<IBSHIFT");
        }
        found.add("CS" + (5 + ((bits & CSIZE) >>> Integer.numberOfTrailingZeros(CSIZE))));
        return joined(found, bits & ~(CBAUD | CIBAUD | CSIZE), CONTROL);
    }

    private static String joined(List<String> found, int rest, String[] names) {
        if (rest != 0) {
            found.add(flags(rest, names));
        }
        return String.join("|", found);
    }
}
