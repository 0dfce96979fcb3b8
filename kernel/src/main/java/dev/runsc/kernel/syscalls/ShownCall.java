package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.RawName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A call that is turned into text.
 *
 * @param bytesMax the longest piece of a buffer that is shown
 * @param result once it has ended
 */
record ShownCall(Task task, Args args, int bytesMax, long result) {
    /** More elements of an array are not shown. */
    static final int ELEMENTS_MAX = 32;

    /** What an argument is as text. */
    @FunctionalInterface
    interface Format {
        /** Empty when the call does not look at the argument. EFAULT: the address is shown. */
        String show(ShownCall call, int index) throws ErrnoException;
    }

    /** What an element of an array is as text. */
    @FunctionalInterface
    interface Element {
        String show(long address) throws ErrnoException;
    }

    long value(int index) {
        return args.longValue(index);
    }

    int integer(int index) {
        return args.integer(index);
    }

    /** Something in the guest's memory. */
    <T> T read(long address, int bytes, Function<ByteBuffer, T> reader) throws ErrnoException {
        return reader.apply(Users.read(task, address, bytes));
    }

    int readInt(long address) throws ErrnoException {
        return task.memory().readInt(address);
    }

    String string(long address) throws ErrnoException {
        return CallText.quote(RawName.of(task.memory().readCString(address, Users.PATH_MAX)));
    }

    String bytes(long address, long length) throws ErrnoException {
        int shown = (int) Math.max(0, Math.min(bytesMax, length));
        byte[] data = new byte[shown];
        task.memory().copyIn(address, data);
        return CallText.quote(RawName.of(data)) + (length > shown ? "..." : "");
    }

    /** An array, or the beginning of a long one. */
    String array(long address, long count, int elementBytes, Element element)
            throws ErrnoException {
        List<String> shown = new ArrayList<>();
        for (int i = 0; i < Math.min(count, ELEMENTS_MAX); i++) {
            shown.add(element.show(address + (long) i * elementBytes));
        }
        if (count > shown.size()) {
            shown.add("...");
        }
        return "[" + String.join(", ", shown) + "]";
    }

    /** The strings of execve(2). */
    String strings(long address) throws ErrnoException {
        int count = pointers(address, ELEMENTS_MAX + 1);
        return array(address, count, Long.BYTES, at -> string(task.memory().readLong(at)));
    }

    /** The environment of execve(2): strace(1) counts it. */
    String environment(long address) throws ErrnoException {
        int count = pointers(address, Users.PATH_MAX);
        return hex(address) + " /* " + count + (count == 1 ? " var */" : " vars */");
    }

    private int pointers(long address, int most) throws ErrnoException {
        int count = 0;
        while (count < most && task.memory().readLong(address + (long) count * Long.BYTES) != 0) {
            count++;
        }
        return count;
    }

    static String hex(long value) {
        return value == 0 ? "0" : "0x" + Long.toHexString(value);
    }

    static String pointer(long value) {
        return value == 0 ? "NULL" : hex(value);
    }
}
