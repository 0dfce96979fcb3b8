package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.task.SyscallDispatcher;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.RawName;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Prints calls in the manner of strace(1), from the shapes in the table. */
public final class SyscallTrace {
    private static final int SHOWN_BYTES = 48;

    private final Consumer<String> out;
    private final Set<String> only;

    /**
     * @param out takes one line per call
     * @param only names of calls to print; empty for all
     */
    public SyscallTrace(Consumer<String> out, Set<String> only) {
        this.out = out;
        this.only = only;
    }

    long traced(Syscall row, Task task, Args args) throws ErrnoException {
        if (!only.isEmpty() && !only.contains(row.name())) {
            return Dispatcher.call(row, task, args);
        }
        String call =
                "["
                        + task.tid()
                        + " "
                        + task.name()
                        + "] "
                        + row.name()
                        + arguments(row, task, args);
        try {
            long result = Dispatcher.call(row, task, args);
            String shown = result == SyscallDispatcher.NO_RESULT ? "?" : show(result);
            out.accept(call + buffers(row, task, args, result) + " = " + shown);
            return result;
        } catch (InterruptedSyscall interrupted) {
            out.accept(call + " = ? (interrupted, " + interrupted.restart() + ")");
            throw interrupted;
        } catch (ErrnoException failed) {
            Errno errno = failed.errno();
            out.accept(call + " = -1 " + errno + " (" + errno.message() + ")");
            throw failed;
        }
    }

    void unknown(Task task, long number) {
        out.accept("[" + task.tid() + " " + task.name() + "] syscall_" + number + " = -1 ENOSYS");
    }

    private static String show(long value) {
        return value > 0xffff_ffffL ? "0x" + Long.toHexString(value) : Long.toString(value);
    }

    private static String arguments(Syscall row, Task task, Args args) {
        List<String> shown = new ArrayList<>();
        Syscall.Shape[] shapes = row.shapes();
        for (int i = 0; i < shapes.length; i++) {
            shown.add(argument(shapes[i], task, args, i));
        }
        return "(" + String.join(", ", shown) + ")";
    }

    private static String argument(Syscall.Shape shape, Task task, Args args, int index) {
        long value = args.longValue(index);
        return switch (shape) {
            case FD -> (int) value == -100 ? "AT_FDCWD" : Integer.toString((int) value);
            case INT, PID, SIGNAL -> Integer.toString((int) value);
            case UNSIGNED -> Integer.toUnsignedString((int) value);
            case SIZE, OFFSET, LONG -> Long.toString(value);
            case OCTAL -> "0" + Integer.toOctalString((int) value);
            case HEX -> "0x" + Long.toHexString(value);
            case ADDRESS, BUFFER_OUT, ARGV -> value == 0 ? "NULL" : "0x" + Long.toHexString(value);
            case PATH, STRING -> string(task, value);
            case BUFFER_IN -> bytes(task, value, args.longValue(index + 1));
        };
    }

    private static String string(Task task, long address) {
        if (address == 0) {
            return "NULL";
        }
        try {
            return quote(RawName.of(task.memory().readCString(address, Users.PATH_MAX)));
        } catch (ErrnoException unreadable) {
            return "0x" + Long.toHexString(address);
        }
    }

    private static String bytes(Task task, long address, long length) {
        try {
            int shown = (int) Math.max(0, Math.min(SHOWN_BYTES, length));
            byte[] data = new byte[shown];
            task.memory().copyIn(address, data);
            return quote(RawName.of(data)) + (length > shown ? "..." : "");
        } catch (ErrnoException unreadable) {
            return "0x" + Long.toHexString(address);
        }
    }

    private static String buffers(Syscall row, Task task, Args args, long result) {
        Syscall.Shape[] shapes = row.shapes();
        for (int i = 0; i < shapes.length; i++) {
            if (shapes[i] == Syscall.Shape.BUFFER_OUT && result > 0) {
                return " " + bytes(task, args.longValue(i), result);
            }
        }
        return "";
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                case '"', '\\' -> quoted.append('\\').append(c);
                default -> {
                    if (c < ' ' || c > '~') {
                        quoted.append('\\').append(Integer.toOctalString(c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
