package dev.runsc.kernel.fs.tty;

import static dev.runsc.gofer.abi.TermiosFlags.ECHO;
import static dev.runsc.gofer.abi.TermiosFlags.ECHOCTL;
import static dev.runsc.gofer.abi.TermiosFlags.ECHOE;
import static dev.runsc.gofer.abi.TermiosFlags.ECHOK;
import static dev.runsc.gofer.abi.TermiosFlags.ECHOKE;
import static dev.runsc.gofer.abi.TermiosFlags.ECHOPRT;
import static dev.runsc.gofer.abi.TermiosFlags.VERASE;
import static dev.runsc.gofer.abi.TermiosFlags.VKILL;
import static dev.runsc.gofer.abi.TermiosFlags.VWERASE;

import dev.runsc.state.Savable;

/**
 * Changes to the line being typed, on the line and on the screen (eraser of drivers/tty/n_tty.c).
 */
final class LineEditor implements Savable {
    private static final int TAB = 8;

    private final InputBuffer input;
    private final OutputProcessor output;

    /** With ECHOPRT: erased characters are being shown between \ and /. */
    private boolean erasing;

    LineEditor(InputBuffer input, OutputProcessor output) {
        this.input = input;
        this.output = output;
    }

    void reset() {
        erasing = false;
    }

    void finishErasing() {
        if (erasing) {
            output.echoRaw('/');
            erasing = false;
        }
    }

    /** Before the first character of a line is shown: tabs are counted from there. */
    void noteLineStart() {
        if (input.lineSize() == 0) {
            output.echoLineColumn();
        }
    }

    /** Shows the line again below. */
    void reprint(Modes modes, int character) {
        finishErasing();
        output.echo(modes, character);
        output.echoRaw('\n');
        for (int i = 0; i < input.lineSize(); i++) {
            output.echo(modes, input.lineByte(i));
        }
    }

    /** Takes away a character, a word, or the line. */
    void erase(Modes modes, int character) {
        if (input.lineSize() == 0) {
            return;
        }
        boolean one = modes.is(VERASE, character);
        boolean word = !one && modes.is(VWERASE, character);
        if (!one && !word && killAtOnce(modes)) {
            return;
        }
        int letters = 0;
        while (input.lineSize() > 0) {
            int at = input.lineSize() - 1;
            while (at > 0 && OutputProcessor.isContinuation(modes, input.lineByte(at))) {
                at--;
            }
            int first = input.lineByte(at);
            if (OutputProcessor.isContinuation(modes, first)) {
                break;
            }
            if (word) {
                if (isLetter(first)) {
                    letters++;
                } else if (letters > 0) {
                    break;
                }
            }
            int count = input.lineSize() - at;
            byte[] rest = new byte[count];
            for (int i = 0; i < count; i++) {
                rest[i] = (byte) input.lineByte(at + i);
            }
            input.cutLine(at);
            if (modes.local(ECHO)) {
                showErased(modes, one, rest);
            }
            if (one) {
                break;
            }
        }
        if (input.lineSize() == 0 && modes.local(ECHO)) {
            finishErasing();
        }
    }

    /** A line that goes without its characters being wiped out one by one. */
    private boolean killAtOnce(Modes modes) {
        if (!modes.local(ECHO)) {
            input.cutLine(0);
            return true;
        }
        if (modes.local(ECHOK) && modes.local(ECHOKE) && modes.local(ECHOE)) {
            return false;
        }
        input.cutLine(0);
        finishErasing();
        output.echo(modes, modes.character(VKILL));
        if (modes.local(ECHOK)) {
            output.echoRaw('\n');
        }
        return true;
    }

    private static boolean isLetter(int value) {
        return value >= 'a' && value <= 'z'
                || value >= 'A' && value <= 'Z'
                || value >= '0' && value <= '9'
                || value == '_'
                || value >= 0xc0 && value != 0xd7 && value != 0xf7;
    }

    private void showErased(Modes modes, boolean one, byte[] erased) {
        int first = erased[0] & 0xff;
        if (modes.local(ECHOPRT)) {
            if (!erasing) {
                output.echoRaw('\\');
                erasing = true;
            }
            output.echo(modes, first);
            for (int i = 1; i < erased.length; i++) {
                output.echoRaw(erased[i] & 0xff);
                output.echoMoveBack();
            }
        } else if (one && !modes.local(ECHOE)) {
            output.echo(modes, modes.character(VERASE));
        } else if (first == '\t') {
            eraseTab(modes);
        } else {
            boolean control = OutputProcessor.isControl(first);
            if (control && modes.local(ECHOCTL)) {
                wipe();
            }
            if (!control || modes.local(ECHOCTL)) {
                wipe();
            }
        }
    }

    private void wipe() {
        output.echoRaw('\b');
        output.echoRaw(' ');
        output.echoRaw('\b');
    }

    private void eraseTab(Modes modes) {
        int columns = 0;
        for (int at = input.lineSize() - 1; at >= 0; at--) {
            int value = input.lineByte(at);
            if (value == '\t') {
                output.echoEraseTab(columns % TAB, true);
                return;
            }
            if (OutputProcessor.isControl(value)) {
                columns += modes.local(ECHOCTL) ? 2 : 0;
            } else if (!OutputProcessor.isContinuation(modes, value)) {
                columns++;
            }
        }
        output.echoEraseTab(columns % TAB, false);
    }
}
