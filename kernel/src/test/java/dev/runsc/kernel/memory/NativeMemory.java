package dev.runsc.kernel.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.runsc.gofer.abi.SyscallNumbers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The host's own memory calls on this process, as an oracle. Memory is touched by reads and writes
 * of a pipe only, which fail where a guest would fault.
 */
final class NativeMemory {
    private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                            FunctionDescriptor.of(
                                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                                    JAVA_LONG, JAVA_LONG, JAVA_LONG),
                            Linker.Option.captureCallState("errno"));
    private static final MemorySegment CAPTURED = Arena.global().allocate(CAPTURE);
    private static final MemorySegment SCRATCH = Arena.global().allocate(4096, 16);
    private static final int PIPE_OUT;
    private static final int PIPE_IN;

    static {
        if (call(SyscallNumbers.SYS_pipe2, SCRATCH.address(), 0) != 0) {
            throw new AssertionError("no pipe");
        }
        PIPE_OUT = SCRATCH.get(JAVA_INT, 0);
        PIPE_IN = SCRATCH.get(JAVA_INT, 4);
    }

    private NativeMemory() {}

    /** The result, or the negated error number. */
    static synchronized long call(long number, long... given) {
        long[] a = java.util.Arrays.copyOf(given, 6);
        try {
            long result =
                    (long)
                            SYSCALL.invokeExact(
                                    CAPTURED, number, a[0], a[1], a[2], a[3], a[4], a[5]);
            return result == -1 ? -(int) ERRNO.get(CAPTURED, 0L) : result;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static long mmap(long address, long length, int protection, int flags, int fd, long offset) {
        return call(SyscallNumbers.SYS_mmap, address, length, protection, flags, fd, offset);
    }

    /** A memory file of a size. */
    static int newFile(long sizeBytes) {
        SCRATCH.setString(0, "oracle");
        int fd = (int) call(SyscallNumbers.SYS_memfd_create, SCRATCH.address(), 0);
        call(SyscallNumbers.SYS_ftruncate, fd, sizeBytes);
        return fd;
    }

    static long munmap(long address, long length) {
        return call(SyscallNumbers.SYS_munmap, address, length);
    }

    /** Eight bytes, copied by the kernel from a pipe: 0 or the negated error number. */
    static synchronized long write(long address, long value) {
        SCRATCH.set(JAVA_LONG, 64, value);
        transfer(SyscallNumbers.SYS_write, PIPE_IN, SCRATCH.address() + 64);
        long result = transfer(SyscallNumbers.SYS_read, PIPE_OUT, address);
        if (result != 0) {
            transfer(SyscallNumbers.SYS_read, PIPE_OUT, SCRATCH.address() + 64);
        }
        return result;
    }

    /** 0 or the negated error number; the value is {@link #lastRead}. */
    static synchronized long read(long address) {
        long result = transfer(SyscallNumbers.SYS_write, PIPE_IN, address);
        if (result == 0) {
            transfer(SyscallNumbers.SYS_read, PIPE_OUT, SCRATCH.address() + 64);
        }
        return result;
    }

    static synchronized long lastRead() {
        return SCRATCH.get(JAVA_LONG, 64);
    }

    private static long transfer(long number, long fd, long address) {
        long result = call(number, fd, address, 8);
        return result == 8 ? 0 : result;
    }

    /** A line of /proc/self/maps. */
    record Line(long start, long end, String permissions) {}

    /** The areas of this process that meet a range. */
    static List<Line> areas(long from, long to, boolean clipped) {
        List<Line> lines = new ArrayList<>();
        try {
            for (String text : Files.readAllLines(Path.of("/proc/self/maps"))) {
                int dash = text.indexOf('-');
                int space = text.indexOf(' ');
                long start = Long.parseUnsignedLong(text.substring(0, dash), 16);
                long end = Long.parseUnsignedLong(text.substring(dash + 1, space), 16);
                if (start >= 0 && end > from && start < to) {
                    lines.add(
                            new Line(
                                    clipped ? Math.max(start, from) : start,
                                    clipped ? Math.min(end, to) : end,
                                    text.substring(space + 1, space + 5)));
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return lines;
    }

    /** The locked areas of this process in a range. */
    static List<Line> lockedAreas(long from, long to) {
        List<Line> areas = areas(from, to, true);
        List<Line> locked = new ArrayList<>();
        try {
            List<String> texts = Files.readAllLines(Path.of("/proc/self/smaps"));
            long start = -1;
            for (String text : texts) {
                int dash = text.indexOf('-');
                int space = text.indexOf(' ');
                if (dash > 0 && dash < space && text.charAt(0) <= 'f') {
                    start = Long.parseUnsignedLong(text.substring(0, dash), 16);
                } else if (text.startsWith("VmFlags:") && (text + " ").contains(" lo ")) {
                    long at = start;
                    areas.stream().filter(a -> a.start() == at).forEach(locked::add);
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return locked;
    }
}
