package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.state.Savable;
import java.util.Arrays;

/** Bytes in order. Has no limit of its own: who adds looks at {@link #size} first. */
final class ByteQueue implements Savable {
    private static final int INITIAL = 256;

    private byte[] ring = new byte[INITIAL];
    private int head;
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(int value) {
        ensure(1);
        ring[(head + size) % ring.length] = (byte) value;
        size++;
    }

    void add(byte[] source, int from, int length) {
        ensure(length);
        int at = (head + size) % ring.length;
        int first = Math.min(length, ring.length - at);
        System.arraycopy(source, from, ring, at, first);
        System.arraycopy(source, from + first, ring, 0, length - first);
        size += length;
    }

    private void ensure(int more) {
        if (size + more > ring.length) {
            int capacity = Math.max(ring.length * 2, size + more);
            byte[] grown = new byte[capacity];
            copyTo(grown, size);
            ring = grown;
            head = 0;
        }
    }

    private void copyTo(byte[] target, int length) {
        int first = Math.min(length, ring.length - head);
        System.arraycopy(ring, head, target, 0, first);
        System.arraycopy(ring, 0, target, first, length - first);
    }

    /** A byte, 0 to 255, counted from the front. */
    int peek(int index) {
        return ring[(head + index) % ring.length] & 0xff;
    }

    /** Takes the first byte. */
    int take() {
        int value = peek(0);
        drop(1);
        return value;
    }

    /** Takes up to so many bytes. */
    byte[] take(int most) {
        byte[] taken = new byte[Math.min(most, size)];
        copyTo(taken, taken.length);
        drop(taken.length);
        return taken;
    }

    /** Moves up to {@code most} bytes to a guest; those that a fault kept back stay. */
    int moveTo(UserBuffer target, int most) throws ErrnoException {
        byte[] copy = new byte[(int) Math.min(Math.min(most, size), target.remaining())];
        copyTo(copy, copy.length);
        int moved = (int) target.put(copy, 0, copy.length);
        drop(moved);
        return moved;
    }

    void drop(int count) {
        head = (head + count) % ring.length;
        size -= count;
        if (size == 0) {
            head = 0;
        }
    }

    /** Keeps the first bytes only. */
    void truncate(int keep) {
        size = Math.min(size, keep);
    }

    void clear() {
        head = 0;
        size = 0;
        if (ring.length > INITIAL) {
            ring = Arrays.copyOf(ring, INITIAL);
        }
    }
}
