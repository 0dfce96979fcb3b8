package dev.runsc.kernel.fs.tty;

import static dev.runsc.gofer.abi.TermiosFlags.OCRNL;
import static dev.runsc.gofer.abi.TermiosFlags.OLCUC;
import static dev.runsc.gofer.abi.TermiosFlags.ONLCR;
import static dev.runsc.gofer.abi.TermiosFlags.ONLRET;
import static dev.runsc.gofer.abi.TermiosFlags.ONOCR;
import static dev.runsc.gofer.abi.TermiosFlags.OPOST;
import static dev.runsc.gofer.abi.TermiosFlags.TABDLY;
import static dev.runsc.gofer.abi.TermiosFlags.XTABS;

import dev.runsc.gofer.abi.TermiosFlags;
import dev.runsc.state.Savable;

/**
 * The way from the programs to the screen: output processing and echoes (do_output_char and
 * __process_echoes of drivers/tty/n_tty.c). Echoes wait while the output is stopped or full.
 */
final class OutputProcessor implements Savable {
    /** What the master has not read yet; more has to wait. A tty_buffer's limit is twice 4 KiB. */
    static final int LIMIT = 12 << 10;

    /** Echoes beyond this many bytes are lost, as in Linux. */
    private static final int ECHO_LIMIT = 4096;

    /** No character becomes more bytes than a tab. */
    private static final int WIDEST = 8;

    private static final int DEL = 0x7f;

    // Operations among the echoes, each behind OPERATION.
    private static final int OPERATION = 0xff;
    private static final int MOVE_BACK = 0x80;
    private static final int SET_LINE_COLUMN = 0x81;
    private static final int ERASE_TAB = 0x82;

    private final ByteQueue ready = new ByteQueue();
    private final ByteQueue echoes = new ByteQueue();
    private int column;

    /** Where the line being typed begins on the screen. */
    private int lineColumn;

    private boolean stopped;

    /** Stopped by tcflow(3): typing does not start it again. */
    private boolean stoppedByCall;

    /** All bytes ever made ready: to know when those of a moment have been passed on. */
    private long produced;

    ByteQueue ready() {
        return ready;
    }

    long produced() {
        return produced;
    }

    int room() {
        return stopped ? 0 : Math.max(0, LIMIT - ready.size());
    }

    boolean isStopped() {
        return stopped;
    }

    boolean isStoppedByCall() {
        return stoppedByCall;
    }

    void setStopped(boolean stop) {
        stopped = stop;
    }

    void setStoppedByCall(boolean stop) {
        stoppedByCall = stop;
        stopped = stop;
    }

    void dropEchoes() {
        echoes.clear();
    }

    /** Echoes and all. */
    void clear() {
        ready.clear();
        echoes.clear();
    }

    /** A byte past all processing. */
    void emit(int value) {
        ready.add(value);
        produced++;
    }

    // Programs' output.

    /** Writes what fits; how much of {@code source} that was. */
    int write(Modes modes, byte[] source, int length) {
        processEchoes(modes);
        if (!modes.output(OPOST)) {
            int count = Math.min(length, room());
            ready.add(source, 0, count);
            produced += count;
            return count;
        }
        int done = 0;
        while (done < length && room() >= WIDEST) {
            process(modes, source[done] & 0xff);
            done++;
        }
        return done;
    }

    private void process(Modes modes, int value) {
        int shown = value;
        switch (value) {
            case '\n' -> {
                if (modes.output(ONLRET)) {
                    column = 0;
                }
                if (modes.output(ONLCR)) {
                    column = 0;
                    lineColumn = 0;
                    emit('\r');
                } else {
                    lineColumn = column;
                }
            }
            case '\r' -> {
                if (modes.output(ONOCR) && column == 0) {
                    return;
                }
                if (modes.output(OCRNL)) {
                    shown = '\n';
                    if (!modes.output(ONLRET)) {
                        emit(shown);
                        return;
                    }
                }
                column = 0;
                lineColumn = 0;
            }
            case '\t' -> {
                int spaces = WIDEST - (column & WIDEST - 1);
                column += spaces;
                if ((modes.outputFlags() & TABDLY) == XTABS) {
                    for (int i = 0; i < spaces; i++) {
                        emit(' ');
                    }
                    return;
                }
            }
            case '\b' -> column = Math.max(0, column - 1);
            default -> {
                if (!isControl(value)) {
                    shown = modes.output(OLCUC) ? upper(value) : value;
                    column += isContinuation(modes, value) ? 0 : 1;
                }
            }
        }
        emit(shown);
    }

    private static int upper(int value) {
        return value >= 'a' && value <= 'z' ? value - 32 : value;
    }

    /** iscntrl of lib/ctype.c. */
    static boolean isControl(int value) {
        return value < ' ' || value == DEL;
    }

    /** Whether a byte is the second or later of a character of UTF-8. */
    static boolean isContinuation(Modes modes, int value) {
        return modes.input(TermiosFlags.IUTF8) && (value & 0xc0) == 0x80;
    }

    // Echoes.

    private void queue(int... bytes) {
        if (echoes.size() + bytes.length <= ECHO_LIMIT) {
            for (int value : bytes) {
                echoes.add(value);
            }
        }
    }

    /** A byte as it is. */
    void echoRaw(int value) {
        if (value == OPERATION) {
            queue(OPERATION, OPERATION);
        } else {
            queue(value);
        }
    }

    /** A byte as the user is to see it: control characters as {@code ^X}. */
    void echo(Modes modes, int value) {
        if (value == OPERATION) {
            queue(OPERATION, OPERATION);
        } else if (modes.local(TermiosFlags.ECHOCTL) && isControl(value) && value != '\t') {
            queue(OPERATION, value);
        } else {
            queue(value);
        }
    }

    void echoMoveBack() {
        queue(OPERATION, MOVE_BACK);
    }

    void echoLineColumn() {
        queue(OPERATION, SET_LINE_COLUMN);
    }

    /**
     * Goes back over a tab.
     *
     * @param columns those used since the line's start, or since the last tab
     */
    void echoEraseTab(int columns, boolean afterTab) {
        queue(OPERATION, ERASE_TAB, columns & WIDEST - 1 | (afterTab ? 0x80 : 0));
    }

    /** Brings to the screen what can be. */
    void processEchoes(Modes modes) {
        while (!echoes.isEmpty() && room() >= WIDEST) {
            int value = echoes.take();
            if (value != OPERATION) {
                if (modes.output(OPOST)) {
                    process(modes, value);
                } else {
                    emit(value);
                }
                continue;
            }
            operate(echoes.take());
        }
    }

    private void operate(int operation) {
        switch (operation) {
            case ERASE_TAB -> {
                int columns = echoes.take();
                if ((columns & 0x80) == 0) {
                    columns += lineColumn;
                }
                for (int i = WIDEST - (columns & WIDEST - 1); i > 0; i--) {
                    emit('\b');
                    column = Math.max(0, column - 1);
                }
            }
            case SET_LINE_COLUMN -> lineColumn = column;
            case MOVE_BACK -> column = Math.max(0, column - 1);
            case OPERATION -> {
                emit(OPERATION);
                column++;
            }
            default -> {
                emit('^');
                emit(operation ^ 0x40);
                column += 2;
            }
        }
    }
}
