package dev.runsc.cli.launch;

import static dev.runsc.gofer.abi.TermiosFlags.BRKINT;
import static dev.runsc.gofer.abi.TermiosFlags.CS8;
import static dev.runsc.gofer.abi.TermiosFlags.CSIZE;
import static dev.runsc.gofer.abi.TermiosFlags.ECHO;
import static dev.runsc.gofer.abi.TermiosFlags.ECHONL;
import static dev.runsc.gofer.abi.TermiosFlags.ICANON;
import static dev.runsc.gofer.abi.TermiosFlags.ICRNL;
import static dev.runsc.gofer.abi.TermiosFlags.IEXTEN;
import static dev.runsc.gofer.abi.TermiosFlags.IGNBRK;
import static dev.runsc.gofer.abi.TermiosFlags.IGNCR;
import static dev.runsc.gofer.abi.TermiosFlags.INLCR;
import static dev.runsc.gofer.abi.TermiosFlags.ISIG;
import static dev.runsc.gofer.abi.TermiosFlags.ISTRIP;
import static dev.runsc.gofer.abi.TermiosFlags.IXON;
import static dev.runsc.gofer.abi.TermiosFlags.OPOST;
import static dev.runsc.gofer.abi.TermiosFlags.PARENB;
import static dev.runsc.gofer.abi.TermiosFlags.PARMRK;
import static dev.runsc.gofer.abi.TermiosFlags.VMIN;
import static dev.runsc.gofer.abi.TermiosFlags.VTIME;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.Termios;
import dev.runsc.gofer.host.HostFiles;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A terminal of the host in raw mode: every key is passed on, for the container's own terminal does
 * what is to be done with it. Closing puts back the modes that were.
 */
public final class RawTerminal implements AutoCloseable {
    private final int fd;
    private final byte[] before;
    private boolean closed;

    private RawTerminal(int fd, byte[] before) {
        this.fd = fd;
        this.before = before;
    }

    /** Enters raw mode, until closed or this process ends; null when it is not a terminal. */
    public static @Nullable RawTerminal enter(int fd) {
        byte[] before = new byte[Termios.BYTES];
        try {
            HostFiles.ioctl(fd, Ioctls.TCGETS, before);
        } catch (ErrnoException noTerminal) {
            return null;
        }
        RawTerminal terminal = new RawTerminal(fd, before);
        Runtime.getRuntime().addShutdownHook(new Thread(terminal::close));
        terminal.enterAgain();
        return terminal;
    }

    /** After somebody else has set the modes: the shell that continues us. */
    public synchronized void enterAgain() {
        if (!closed) {
            try {
                makeRaw(fd);
            } catch (ErrnoException e) {
                DebugLog.write("raw mode: " + e.getMessage());
            }
        }
    }

    /** As cfmakeraw(3). */
    static void makeRaw(int fd) throws ErrnoException {
        byte[] data = new byte[Termios.BYTES];
        HostFiles.ioctl(fd, Ioctls.TCGETS, data);
        Termios now = Termios.readFrom(ByteBuffer.wrap(data));
        byte[] characters = now.controlCharacters().clone();
        characters[VMIN] = 1;
        characters[VTIME] = 0;
        int input = IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON;
        int local = ECHO | ECHONL | ICANON | ISIG | IEXTEN;
        ByteBuffer out = ByteBuffer.wrap(data);
        new Termios(
                        now.inputFlags() & ~input,
                        now.outputFlags() & ~OPOST,
                        now.controlFlags() & ~(CSIZE | PARENB) | CS8,
                        now.localFlags() & ~local,
                        now.line(),
                        characters)
                .writeTo(out);
        HostFiles.ioctl(fd, Ioctls.TCSETS, data);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            HostFiles.ioctl(fd, Ioctls.TCSETSW, before.clone());
        } catch (ErrnoException e) {
            DebugLog.write("restoring the terminal: " + e.getMessage());
        }
    }
}
