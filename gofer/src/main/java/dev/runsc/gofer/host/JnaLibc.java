package dev.runsc.gofer.host;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * JNA direct mapping of {@code syscall}, with every argument a register wide. It is variadic in C,
 * which on x86-64 makes no difference for arguments that are no floating point numbers.
 */
final class JnaLibc {
    static {
        prepare();
        Native.register(JnaLibc.class, NativeLibrary.getProcess());
    }

    private JnaLibc() {}

    static native long syscall(
            long number, long arg0, long arg1, long arg2, long arg3, long arg4, long arg5);

    /** The result, or the negated error number. */
    static long call(
            long number, long arg0, long arg1, long arg2, long arg3, long arg4, long arg5) {
        long result = syscall(number, arg0, arg1, arg2, arg3, arg4, arg5);
        return result == -1 ? -Native.getLastError() : result;
    }

    /**
     * Spares JNA what it does at start unless told otherwise: unpacking its library from the jar
     * (an installed runsc has it unpacked), looking for one on the system, and running ldconfig.
     */
    static void prepare() {
        String dist = System.getProperty("runsc.dist");
        if (System.getProperty("jna.boot.library.path") == null && dist != null) {
            Path directory = Path.of(dist, "native");
            if (Files.exists(directory.resolve("libjnidispatch.so"))) {
                System.setProperty("jna.boot.library.path", directory.toString());
            }
        }
        if (System.getProperty("jna.boot.library.path") != null) {
            System.setProperty("jna.noclasspath", "true");
        }
        System.setProperty("jna.nosys", "true");
        if (System.getProperty("jna.platform.library.path") == null) {
            System.setProperty("jna.platform.library.path", "");
        }
    }
}
