package dev.runsc.kernel.fs.tty;

import static dev.runsc.gofer.abi.TermiosFlags.ECHO;
import static dev.runsc.gofer.abi.TermiosFlags.ECHOCTL;
import static dev.runsc.gofer.abi.TermiosFlags.ECHONL;
import static dev.runsc.gofer.abi.TermiosFlags.EXTPROC;
import static dev.runsc.gofer.abi.TermiosFlags.ICANON;
import static dev.runsc.gofer.abi.TermiosFlags.ICRNL;
import static dev.runsc.gofer.abi.TermiosFlags.IEXTEN;
import static dev.runsc.gofer.abi.TermiosFlags.IGNCR;
import static dev.runsc.gofer.abi.TermiosFlags.INLCR;
import static dev.runsc.gofer.abi.TermiosFlags.ISIG;
import static dev.runsc.gofer.abi.TermiosFlags.ISTRIP;
import static dev.runsc.gofer.abi.TermiosFlags.IUCLC;
import static dev.runsc.gofer.abi.TermiosFlags.IXANY;
import static dev.runsc.gofer.abi.TermiosFlags.IXON;
import static dev.runsc.gofer.abi.TermiosFlags.NOFLSH;
import static dev.runsc.gofer.abi.TermiosFlags.PARMRK;
import static dev.runsc.gofer.abi.TermiosFlags.VEOF;
import static dev.runsc.gofer.abi.TermiosFlags.VEOL;
import static dev.runsc.gofer.abi.TermiosFlags.VEOL2;
import static dev.runsc.gofer.abi.TermiosFlags.VERASE;
import static dev.runsc.gofer.abi.TermiosFlags.VINTR;
import static dev.runsc.gofer.abi.TermiosFlags.VKILL;
import static dev.runsc.gofer.abi.TermiosFlags.VLNEXT;
import static dev.runsc.gofer.abi.TermiosFlags.VMIN;
import static dev.runsc.gofer.abi.TermiosFlags.VQUIT;
import static dev.runsc.gofer.abi.TermiosFlags.VREPRINT;
import static dev.runsc.gofer.abi.TermiosFlags.VSTART;
import static dev.runsc.gofer.abi.TermiosFlags.VSTOP;
import static dev.runsc.gofer.abi.TermiosFlags.VSUSP;
import static dev.runsc.gofer.abi.TermiosFlags.VTIME;
import static dev.runsc.gofer.abi.TermiosFlags.VWERASE;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.state.Savable;

/**
 * What becomes of typed bytes: lines are edited, characters echoed, signals asked for (n_tty of
 * Linux, drivers/tty/n_tty.c, whose order of tests this follows). Guarded by the terminal's lock.
 */
final class LineDiscipline implements Savable {
    /** With PARMRK one byte may become three. */
    private static final int MARKED_BYTES = 3;

    private final OutputProcessor output = new OutputProcessor();
    private final InputBuffer input = new InputBuffer();
    private final LineEditor editor = new LineEditor(input, output);
    private Modes modes = Modes.INITIAL;

    /** The next byte is taken as it is (VLNEXT). */
    private boolean literal;

    /** What the last bytes did to the flow and the queues, as TIOCPKT_* bits. */
    private int events;

    Modes modes() {
        return modes;
    }

    InputBuffer input() {
        return input;
    }

    OutputProcessor output() {
        return output;
    }

    /**
     * Reads (n_tty_read).
     *
     * @param nonBlocking whether to be content with less than VMIN asks for, but not with nothing
     * @param impatient whether to be content with what is there, even nothing
     */
    long read(UserBuffer target, boolean nonBlocking, boolean impatient) throws ErrnoException {
        if (modes.byLines()) {
            return input.hasLine() ? input.moveLineTo(target) : FileDescription.WOULD_BLOCK;
        }
        int atLeast = modes.character(VMIN);
        long enough = Math.min(Math.max(atLeast, 1), target.remaining());
        boolean some = input.size() > 0;
        if (input.size() >= enough || some && (nonBlocking || impatient)) {
            return input.moveTo(target);
        }
        boolean timed = modes.character(VTIME) != 0;
        return impatient || atLeast == 0 && !timed ? 0 : FileDescription.WOULD_BLOCK;
    }

    /** Whether a read would find what it waits for. */
    boolean isReadable() {
        if (modes.byLines()) {
            return input.hasLine();
        }
        int atLeast = modes.character(VMIN);
        boolean timed = modes.character(VTIME) != 0;
        return input.size() >= (timed || atLeast == 0 ? 1 : atLeast);
    }

    /** Bytes that can be read now. */
    int readableSize() {
        return modes.byLines() ? input.readableByLines() : input.size();
    }

    /** TIOCPKT_* bits since the last call. */
    int takeEvents() {
        int taken = events;
        events = 0;
        return taken;
    }

    /** tcsetattr(3) (n_tty_set_termios). */
    void setModes(Modes changed) {
        Modes old = modes;
        modes = changed;
        if (old.local(ICANON) != changed.local(ICANON)
                || old.local(EXTPROC) != changed.local(EXTPROC)) {
            input.changeToLines(changed.local(ICANON));
            editor.reset();
            literal = false;
        }
        if (old.input(IXON) && !changed.input(IXON) && !output.isStoppedByCall()) {
            start();
        }
    }

    void flushInput() {
        input.clear();
        editor.reset();
        literal = false;
        events |= dev.runsc.gofer.abi.TermiosFlags.TIOCPKT_FLUSHREAD;
    }

    /** Output stops (^S, tcflow). */
    void stop() {
        if (!output.isStopped()) {
            output.setStopped(true);
            flowEvent(dev.runsc.gofer.abi.TermiosFlags.TIOCPKT_STOP);
        }
    }

    void start() {
        if (output.isStopped() && !output.isStoppedByCall()) {
            output.setStopped(false);
            flowEvent(dev.runsc.gofer.abi.TermiosFlags.TIOCPKT_START);
        }
        output.processEchoes(modes);
    }

    void flowEvent(int event) {
        int both =
                dev.runsc.gofer.abi.TermiosFlags.TIOCPKT_STOP
                        | dev.runsc.gofer.abi.TermiosFlags.TIOCPKT_START;
        events = events & ~both | event;
    }

    /**
     * Takes typed bytes as long as there is room (n_tty_receive_buf_common).
     *
     * @return the signals that were typed, as a set
     */
    long receive(ByteQueue typed) {
        long signals = 0;
        while (!typed.isEmpty()) {
            int room = InputBuffer.SIZE - input.size();
            if (modes.input(PARMRK)) {
                room = (room + MARKED_BYTES - 1) / MARKED_BYTES;
            }
            if (room <= 1) {
                // A line that is too long can still be ended: its last byte gives way.
                if (!modes.local(ICANON) || input.hasLine()) {
                    break;
                }
                if (room < 1) {
                    input.cutLine(input.lineSize() - 1);
                }
            }
            signals |= receive(typed.take());
        }
        output.processEchoes(modes);
        return signals;
    }

    private long receive(int typed) {
        int value = typed;
        if (modes.input(ISTRIP)) {
            value &= 0x7f;
        }
        if (modes.input(IUCLC) && modes.local(IEXTEN) && value >= 'A' && value <= 'Z') {
            value += 'a' - 'A';
        }
        if (literal) {
            literal = false;
            ordinary(value);
            return 0;
        }
        if (modes.local(EXTPROC)) {
            input.put(value);
            return 0;
        }
        return special(value);
    }

    private long special(int typed) {
        if (modes.input(IXON) && flow(typed)) {
            return 0;
        }
        int signal = modes.local(ISIG) ? signalOf(typed) : 0;
        if (signal != 0) {
            typedSignal(typed);
            return 1L << signal - 1;
        }
        if (modes.input(IXON) && modes.input(IXANY)) {
            start();
        }
        int value = typed;
        if (value == '\r') {
            if (modes.input(IGNCR)) {
                return 0;
            }
            value = modes.input(ICRNL) ? '\n' : value;
        } else if (value == '\n' && modes.input(INLCR)) {
            value = '\r';
        }
        if (!modes.local(ICANON) || !edit(value)) {
            ordinary(value);
        }
        return 0;
    }

    private boolean flow(int value) {
        if (modes.is(VSTART, value)) {
            start();
            return true;
        }
        if (modes.is(VSTOP, value)) {
            stop();
            return true;
        }
        return false;
    }

    private int signalOf(int value) {
        if (modes.is(VINTR, value)) {
            return SignalNumbers.SIGINT;
        }
        if (modes.is(VQUIT, value)) {
            return SignalNumbers.SIGQUIT;
        }
        return modes.is(VSUSP, value) ? SignalNumbers.SIGTSTP : 0;
    }

    /** What was typed before is dropped, and what was to be shown (isig). */
    private void typedSignal(int value) {
        if (!modes.local(NOFLSH)) {
            output.dropEchoes();
            flushOutput();
            flushInput();
        }
        if (modes.input(IXON)) {
            start();
        }
        if (modes.local(ECHO)) {
            output.echo(modes, value);
        }
    }

    /** Drops what the programs wrote and nobody has taken (pty_flush_buffer). */
    void flushOutput() {
        // What the master's own buffer holds has left the terminal in Linux, so it stays.
        output.ready().truncate(InputBuffer.SIZE - 1);
        events |= dev.runsc.gofer.abi.TermiosFlags.TIOCPKT_FLUSHWRITE;
    }

    /** The characters that mean something while a line is edited; false for all others. */
    private boolean edit(int value) {
        boolean extended = modes.local(IEXTEN);
        if (modes.is(VERASE, value)
                || modes.is(VKILL, value)
                || extended && modes.is(VWERASE, value)) {
            editor.erase(modes, value);
            return true;
        }
        if (extended && modes.is(VLNEXT, value)) {
            literal = true;
            if (modes.local(ECHO)) {
                editor.finishErasing();
                if (modes.local(ECHOCTL)) {
                    output.echoRaw('^');
                    output.echoRaw('\b');
                }
            }
            return true;
        }
        if (extended && modes.local(ECHO) && modes.is(VREPRINT, value)) {
            editor.reprint(modes, value);
            return true;
        }
        if (value == '\n') {
            if (modes.local(ECHO) || modes.local(ECHONL)) {
                output.echoRaw('\n');
            }
            input.putLineEnd(value);
            return true;
        }
        if (modes.is(VEOF, value)) {
            input.putLineEnd(0);
            return true;
        }
        if (modes.is(VEOL, value) || extended && modes.is(VEOL2, value)) {
            if (modes.local(ECHO)) {
                editor.noteLineStart();
                output.echo(modes, value);
            }
            doubleMark(value);
            input.putLineEnd(value);
            return true;
        }
        return false;
    }

    private void ordinary(int value) {
        if (modes.input(IXON) && modes.input(IXANY)) {
            start();
        }
        if (modes.local(ECHO)) {
            editor.finishErasing();
            if (value == '\n') {
                output.echoRaw('\n');
            } else {
                editor.noteLineStart();
                output.echo(modes, value);
            }
        }
        doubleMark(value);
        input.put(value);
    }

    /** With PARMRK 0377 announces a marked byte, so one that was typed comes twice. */
    private void doubleMark(int value) {
        if (value == 0xff && modes.input(PARMRK)) {
            input.put(value);
        }
    }
}
