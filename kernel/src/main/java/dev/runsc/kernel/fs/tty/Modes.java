package dev.runsc.kernel.fs.tty;

import static dev.runsc.gofer.abi.TermiosFlags.B38400;
import static dev.runsc.gofer.abi.TermiosFlags.CREAD;
import static dev.runsc.gofer.abi.TermiosFlags.CS8;
import static dev.runsc.gofer.abi.TermiosFlags.CSIZE;
import static dev.runsc.gofer.abi.TermiosFlags.ECHO;
import static dev.runsc.gofer.abi.TermiosFlags.ECHOCTL;
import static dev.runsc.gofer.abi.TermiosFlags.ECHOE;
import static dev.runsc.gofer.abi.TermiosFlags.ECHOK;
import static dev.runsc.gofer.abi.TermiosFlags.ECHOKE;
import static dev.runsc.gofer.abi.TermiosFlags.EXTPROC;
import static dev.runsc.gofer.abi.TermiosFlags.ICANON;
import static dev.runsc.gofer.abi.TermiosFlags.ICRNL;
import static dev.runsc.gofer.abi.TermiosFlags.IEXTEN;
import static dev.runsc.gofer.abi.TermiosFlags.ISIG;
import static dev.runsc.gofer.abi.TermiosFlags.IXON;
import static dev.runsc.gofer.abi.TermiosFlags.ONLCR;
import static dev.runsc.gofer.abi.TermiosFlags.OPOST;
import static dev.runsc.gofer.abi.TermiosFlags.PARENB;
import static dev.runsc.gofer.abi.TermiosFlags.VMIN;
import static dev.runsc.gofer.abi.TermiosFlags.VSTART;
import static dev.runsc.gofer.abi.TermiosFlags.VSTOP;
import static dev.runsc.gofer.abi.TermiosFlags.VTIME;

import dev.runsc.gofer.abi.Termios;
import dev.runsc.state.Savable;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The modes of a terminal (termios(3)). Not changed once made. */
final class Modes implements Savable {
    /** INIT_C_CC of asm-generic/termios.h: ^C ^\ DEL ^U ^D, VMIN 1, ^Q ^S ^Z, ^R ^O ^W ^V. */
    private static final byte[] INITIAL_CHARACTERS =
            HexFormat.of().parseHex("031c7f150400010011131a00120f1716000000");

    /** As a new pseudo terminal has them (tty_std_termios and unix98_pty_init). */
    static final Modes INITIAL =
            new Modes(
                    new Termios(
                            ICRNL | IXON,
                            OPOST | ONLCR,
                            B38400 | CS8 | CREAD,
                            ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
                            0,
                            INITIAL_CHARACTERS),
                    38_400,
                    38_400);

    private final int input;
    private final int output;
    private final int control;
    private final int local;
    private final int line;
    private final byte[] characters;
    private final int inputSpeed;
    private final int outputSpeed;

    Modes(Termios termios, int inputSpeed, int outputSpeed) {
        this.input = termios.inputFlags();
        this.output = termios.outputFlags();
        // A pseudo terminal has eight bits and no parity (pty_set_termios).
        this.control = termios.controlFlags() & ~(CSIZE | PARENB) | CS8 | CREAD;
        this.local = termios.localFlags();
        this.line = termios.line();
        this.characters = termios.controlCharacters().clone();
        this.inputSpeed = inputSpeed;
        this.outputSpeed = outputSpeed;
    }

    Termios termios() {
        return new Termios(input, output, control, local, line, characters.clone());
    }

    int inputSpeed() {
        return inputSpeed;
    }

    int outputSpeed() {
        return outputSpeed;
    }

    boolean input(int flag) {
        return (input & flag) != 0;
    }

    boolean output(int flag) {
        return (output & flag) != 0;
    }

    /** All output flags, for those that are more than a bit. */
    int outputFlags() {
        return output;
    }

    boolean control(int flag) {
        return (control & flag) != 0;
    }

    boolean local(int flag) {
        return (local & flag) != 0;
    }

    /** Whether input is read by lines that are edited here. */
    boolean byLines() {
        return local(ICANON) && !local(EXTPROC);
    }

    /** A control character or value, 0 to 255. */
    int character(int index) {
        return characters[index] & 0xff;
    }

    /** Whether a byte is this control character; 0 means that it is switched off. */
    boolean is(int index, int value) {
        return value != 0 && character(index) == value;
    }

    /** Whether ^S and ^Q stop and start, as they do from the beginning. */
    boolean stopsAtUsual() {
        return input(IXON) && character(VSTOP) == 0x13 && character(VSTART) == 0x11;
    }

    /** How a read ends that finds too little, by VMIN and VTIME. */
    record Patience(int atLeast, long timeNanos) {}

    /** The rules for reads that do not go by lines; null when they do. */
    @Nullable Patience patience() {
        return byLines() ? null : new Patience(character(VMIN), character(VTIME) * 100_000_000L);
    }
}
