package dev.runsc.gofer.host;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The functions of {@code src/main/c/hostcall}: the cheapest door to the host, there when runsc was
 * built on a machine with a C compiler. Set up in a third of a millisecond where JNA needs 45 and
 * the foreign API 40, and no call is dearer than theirs ({@code docs/decisions} has the figures).
 */
final class JniLibc {
    /** Whether the library was found; without it JNA and the foreign API do the work. */
    static final boolean AVAILABLE = load();

    private JniLibc() {}

    /** The result, or the negated error number. */
    static native long syscall(
            long number, long arg0, long arg1, long arg2, long arg3, long arg4, long arg5);

    /** The address of a function of the C library; 0 when it has none of this name. */
    static native long symbol(String name);

    /** Calls a function of at most six integers. An {@code int} result is in the low half. */
    static native long invoke(
            long function, long arg0, long arg1, long arg2, long arg3, long arg4, long arg5);

    /** Makes a signal a byte, its number, in a pipe. Zero, or the negated error number. */
    static native int watchSignal(int number, int pipe);

    /** See {@link TurnWord#give}. */
    static native int giveTurn(long address, int value, int awaited);

    /** See {@link TurnWord#await}; bit 32 is set when it slept. */
    static native long awaitTurn(long address, int theirs, int awaited, int looks);

    /** See {@link TurnWord#lookFor}. */
    static native void lookFor(long address, int value, int looks);

    private static boolean load() {
        String directory = System.getProperty("runsc.dist");
        if (directory == null) {
            return false;
        }
        Path library = Path.of(directory, "native", "libhostcall.so").toAbsolutePath();
        if (!Files.exists(library)) {
            return false;
        }
        System.load(library.toString());
        return true;
    }
}
