package dev.runsc.kernel.fs.tty;

import static dev.runsc.gofer.abi.SignalNumbers.SIGTTOU;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.TermiosFlags;
import dev.runsc.gofer.abi.Winsize;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.vfs.Caller;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The requests of ioctl_tty(2) that both ends answer, the master for its replica.
 *
 * @param readable whether the descriptor was opened for reading
 */
record Requests(
        Terminal terminal,
        Caller caller,
        MemoryManager memory,
        boolean readable,
        boolean isMaster) {

    long run(int request, long argument) throws ErrnoException {
        switch (request) {
            case Ioctls.TCGETA -> ModesForm.TERMIO.write(memory, argument, terminal.modes());
            case Ioctls.TCGETS -> ModesForm.TERMIOS.write(memory, argument, terminal.modes());
            case (int) Ioctls.TCGETS2 ->
                    ModesForm.TERMIOS2.write(memory, argument, terminal.modes());
            case Ioctls.TCSETA, Ioctls.TCSETAW -> setModes(ModesForm.TERMIO, argument, false);
            case Ioctls.TCSETAF -> setModes(ModesForm.TERMIO, argument, true);
            case Ioctls.TCSETS, Ioctls.TCSETSW -> setModes(ModesForm.TERMIOS, argument, false);
            case Ioctls.TCSETSF -> setModes(ModesForm.TERMIOS, argument, true);
            case Ioctls.TCSETS2, Ioctls.TCSETSW2 -> setModes(ModesForm.TERMIOS2, argument, false);
            case Ioctls.TCSETSF2 -> setModes(ModesForm.TERMIOS2, argument, true);
            case Ioctls.TIOCGWINSZ -> writeSize(argument);
            case Ioctls.TIOCSWINSZ -> readSize(argument);
            default -> {
                return control(request, argument);
            }
        }
        return 0;
    }

    private void setModes(ModesForm form, long argument, boolean flush) throws ErrnoException {
        terminal.jobControl().check(caller, SIGTTOU);
        terminal.setModes(form.read(memory, argument, terminal.modes()), flush);
    }

    private void writeSize(long argument) throws ErrnoException {
        ByteBuffer out = ByteBuffer.allocate(Winsize.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        terminal.size().writeTo(out);
        memory.copyOut(argument, out.array());
    }

    private void readSize(long argument) throws ErrnoException {
        byte[] data = new byte[Winsize.BYTES];
        memory.copyIn(argument, data);
        terminal.setSize(Winsize.readFrom(ByteBuffer.wrap(data)));
    }

    /** Sessions and groups. */
    private long control(int request, long argument) throws ErrnoException {
        JobControl jobs = terminal.jobControl();
        switch (request) {
            case Ioctls.TIOCSCTTY -> jobs.makeControlling(caller, argument == 1, readable);
            case Ioctls.TIOCNOTTY -> jobs.giveUp(caller);
            case Ioctls.TIOCGPGRP ->
                    memory.writeInt(argument, jobs.foregroundGroup(caller, isMaster));
            case Ioctls.TIOCGSID -> memory.writeInt(argument, jobs.sessionNumber(caller, isMaster));
            case Ioctls.TIOCSPGRP -> {
                try {
                    jobs.check(caller, SIGTTOU);
                } catch (ErrnoException refused) {
                    throw refused.is(Errno.EIO) ? Errno.ENOTTY.error() : refused;
                }
                jobs.setForegroundGroup(caller, memory.readInt(argument));
            }
            default -> {
                return line(request, argument);
            }
        }
        return 0;
    }

    /** Queues, flow and the line. */
    private long line(int request, long argument) throws ErrnoException {
        switch (request) {
            case Ioctls.FIONREAD -> memory.writeInt(argument, terminal.inputSize());
            case Ioctls.TIOCOUTQ -> memory.writeInt(argument, 0);
            case Ioctls.TCFLSH -> flush((int) argument);
            case Ioctls.TCXONC -> flow((int) argument);
            case Ioctls.TCSBRK, Ioctls.TCSBRKP, Ioctls.TIOCSBRK, Ioctls.TIOCCBRK ->
                    // Nothing is slow, and there is no line that could break.
                    terminal.jobControl().check(caller, SIGTTOU);
            case Ioctls.TIOCSTI -> throw Errno.EIO.error();
            default -> {
                return rest(request, argument);
            }
        }
        return 0;
    }

    private void flush(int which) throws ErrnoException {
        terminal.jobControl().check(caller, SIGTTOU);
        if (which < TermiosFlags.TCIFLUSH || which > TermiosFlags.TCIOFLUSH) {
            throw Errno.EINVAL.error();
        }
        boolean in = which != TermiosFlags.TCOFLUSH;
        boolean out = which != TermiosFlags.TCIFLUSH;
        if (isMaster) {
            terminal.flushMaster(in, out);
        } else {
            terminal.flush(in, out);
        }
    }

    private void flow(int action) throws ErrnoException {
        terminal.jobControl().check(caller, SIGTTOU);
        switch (action) {
            case TermiosFlags.TCOOFF -> terminal.setOutputStopped(true);
            case TermiosFlags.TCOON -> terminal.setOutputStopped(false);
            case TermiosFlags.TCIOFF -> terminal.sendFlowCharacter(TermiosFlags.VSTOP);
            case TermiosFlags.TCION -> terminal.sendFlowCharacter(TermiosFlags.VSTART);
            default -> throw Errno.EINVAL.error();
        }
    }

    private long rest(int request, long argument) throws ErrnoException {
        switch (request) {
            case Ioctls.TIOCEXCL -> terminal.setExclusive(true);
            case Ioctls.TIOCNXCL -> terminal.setExclusive(false);
            case (int) Ioctls.TIOCGEXCL ->
                    memory.writeInt(argument, terminal.isExclusive() ? 1 : 0);
            case Ioctls.TIOCGETD -> memory.writeInt(argument, Ioctls.N_TTY);
            case Ioctls.TIOCSETD -> {
                if (memory.readInt(argument) != Ioctls.N_TTY) {
                    throw Errno.EINVAL.error();
                }
            }
            case (int) Ioctls.TIOCGDEV -> memory.writeInt(argument, (int) terminal.deviceNumber());
            case Ioctls.TIOCGLCKTRMIOS -> terminal.lockedModes.write(memory, argument);
            case Ioctls.TIOCSLCKTRMIOS -> {
                if (!caller.credentials().has(Capabilities.CAP_SYS_ADMIN)
                        && !caller.credentials().has(Capabilities.CAP_CHECKPOINT_RESTORE)) {
                    throw Errno.EPERM.error();
                }
                terminal.lockedModes.read(memory, argument);
            }
            case Ioctls.TIOCVHANGUP -> {
                if (!caller.credentials().has(Capabilities.CAP_SYS_ADMIN)) {
                    throw Errno.EPERM.error();
                }
                terminal.hangUp();
            }
            default -> throw Errno.ENOTTY.error();
        }
        return 0;
    }
}
