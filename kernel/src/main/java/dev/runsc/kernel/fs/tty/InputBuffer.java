package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.state.Savable;
import java.util.BitSet;

/**
 * What was typed and not read yet (read_buf of drivers/tty/n_tty.c): a ring in which the ends of
 * lines are marked. An end that is byte 0 stands for the end-of-file character and is never read.
 */
final class InputBuffer implements Savable {
    /** N_TTY_BUF_SIZE. */
    static final int SIZE = 4096;

    private final byte[] ring = new byte[SIZE];
    private final BitSet lineEnds = new BitSet(SIZE);

    /** Positions count on for ever; the ring's index is their remainder. */
    private long head;

    /** Where the line that is being edited begins. */
    private long lineStart;

    private long tail;

    private static int index(long position) {
        return (int) (position % SIZE);
    }

    int size() {
        return (int) (head - tail);
    }

    /** Bytes of the line being edited. */
    int lineSize() {
        return (int) (head - lineStart);
    }

    boolean hasLine() {
        return lineStart != tail;
    }

    void put(int value) {
        ring[index(head)] = (byte) value;
        head++;
    }

    /** Adds the last byte of a line, which can be read from now on. */
    void putLineEnd(int value) {
        lineEnds.set(index(head));
        put(value);
        lineStart = head;
    }

    /** A byte of the line being edited. */
    int lineByte(int index) {
        return ring[index(lineStart + index)] & 0xff;
    }

    /** Keeps only so many bytes of the line being edited. */
    void cutLine(int keep) {
        head = lineStart + keep;
    }

    void clear() {
        lineEnds.clear();
        head = 0;
        lineStart = 0;
        tail = 0;
    }

    /**
     * Input was read by lines and no longer is, or the other way round: what is there counts as a
     * line, or as none (n_tty_set_termios).
     */
    void changeToLines(boolean byLines) {
        lineEnds.clear();
        if (!byLines || head == tail) {
            lineStart = tail;
        } else {
            lineEnds.set(index(head - 1));
            lineStart = head;
        }
    }

    /** Moves bytes to a guest without regard to lines. */
    int moveTo(UserBuffer target) throws ErrnoException {
        int count = (int) Math.min(size(), target.remaining());
        int moved = move(target, count);
        lineStart = Math.max(lineStart, tail);
        return moved;
    }

    /** Moves bytes of the first line; 0 when it is empty: the end of file was typed. */
    int moveLineTo(UserBuffer target) throws ErrnoException {
        int length = firstLine();
        boolean endOfFile = isEndOfFile(tail + length - 1);
        int text = endOfFile ? length - 1 : length;
        int wanted = (int) Math.min(text, target.remaining());
        int moved = wanted == 0 ? 0 : move(target, wanted);
        if (moved == text && endOfFile) {
            // Also when the text filled the reader's buffer (canon_skip_eof).
            lineEnds.clear(index(tail));
            tail++;
        }
        return moved;
    }

    /** Bytes up to and with the first end of a line. */
    private int firstLine() {
        int length = 1;
        int all = (int) (lineStart - tail);
        while (length < all && !lineEnds.get(index(tail + length - 1))) {
            length++;
        }
        return length;
    }

    private boolean isEndOfFile(long position) {
        return lineEnds.get(index(position)) && ring[index(position)] == 0;
    }

    private int move(UserBuffer target, int count) throws ErrnoException {
        byte[] copy = new byte[count];
        for (int i = 0; i < count; i++) {
            copy[i] = ring[index(tail + i)];
        }
        int moved = (int) target.put(copy, 0, count);
        for (int i = 0; i < moved; i++) {
            lineEnds.clear(index(tail + i));
        }
        tail += moved;
        return moved;
    }

    /** Bytes that can be read by lines, for FIONREAD (inq_canon). */
    int readableByLines() {
        int count = 0;
        for (long at = tail; at < lineStart; at++) {
            count += isEndOfFile(at) ? 0 : 1;
        }
        return count;
    }
}
