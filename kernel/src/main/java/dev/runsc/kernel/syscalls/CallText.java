package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.RawName;
import java.util.ArrayList;
import java.util.List;

/** Calls as text, by the shapes in the table. Runs on the thread of the task that calls. */
public final class CallText {
    private final int bytesMax;

    /**
     * @param bytesMax the longest piece of a buffer that is shown
     */
    public CallText(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    static String show(long value) {
        return value > 0xffff_ffffL ? "0x" + Long.toHexString(value) : Long.toString(value);
    }

    /** The arguments, each as a C programmer would write it. */
    public List<String> arguments(Syscall row, Task task, Args args) {
        List<String> shown = new ArrayList<>();
        Syscall.Shape[] shapes = row.shapes();
        for (int i = 0; i < shapes.length; i++) {
            shown.add(argument(shapes[i], task, args, i));
        }
        return shown;
    }

    private String argument(Syscall.Shape shape, Task task, Args args, int index) {
        long value = args.longValue(index);
        return switch (shape) {
            case FD -> (int) value == -100 ? "AT_FDCWD" : Integer.toString((int) value);
            case INT, PID -> Integer.toString((int) value);
            case SIGNAL -> FlagNames.signal((int) value);
            case OPEN_FLAGS -> FlagNames.open((int) value);
            case PROTECTION -> FlagNames.protection((int) value);
            case MAP_FLAGS -> FlagNames.mapping((int) value);
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

    private String bytes(Task task, long address, long length) {
        try {
            int shown = (int) Math.max(0, Math.min(bytesMax, length));
            byte[] data = new byte[shown];
            task.memory().copyIn(address, data);
            return quote(RawName.of(data)) + (length > shown ? "..." : "");
        } catch (ErrnoException unreadable) {
            return "0x" + Long.toHexString(address);
        }
    }

    /** What a call has put into a buffer of the guest; empty for nothing. */
    String buffers(Syscall row, Task task, Args args, long result) {
        Syscall.Shape[] shapes = row.shapes();
        for (int i = 0; i < shapes.length; i++) {
            if (shapes[i] == Syscall.Shape.BUFFER_OUT && result > 0) {
                return " " + bytes(task, args.longValue(i), result);
            }
        }
        return "";
    }

    static String quote(String text) {
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
