package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Termios;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.state.Savable;
import java.nio.ByteBuffer;

/**
 * Which modes of a terminal nobody can change (TIOCSLCKTRMIOS of ioctl_tty(2)): bits that are set
 * lock the same bits, a line or character that is not 0 locks that one. Safe for threads.
 */
final class LockedModes implements Savable {
    /** A {@code struct termios}; its bytes are not changed once they are here. */
    private volatile byte[] form = new byte[Termios.BYTES];

    void write(MemoryManager memory, long address) throws ErrnoException {
        memory.copyOut(address, form);
    }

    void read(MemoryManager memory, long address) throws ErrnoException {
        byte[] data = new byte[Termios.BYTES];
        memory.copyIn(address, data);
        form = data;
    }

    /** What becomes of a change (unset_locked_termios of drivers/tty/tty_ioctl.c). */
    Modes keep(Modes before, Modes changed) {
        Termios locked = Termios.readFrom(ByteBuffer.wrap(form));
        Termios old = before.termios();
        Termios wanted = changed.termios();
        byte[] characters = wanted.controlCharacters();
        for (int index = 0; index < characters.length; index++) {
            if (locked.controlCharacters()[index] != 0) {
                characters[index] = old.controlCharacters()[index];
            }
        }
        Termios kept =
                new Termios(
                        keep(locked.inputFlags(), old.inputFlags(), wanted.inputFlags()),
                        keep(locked.outputFlags(), old.outputFlags(), wanted.outputFlags()),
                        keep(locked.controlFlags(), old.controlFlags(), wanted.controlFlags()),
                        keep(locked.localFlags(), old.localFlags(), wanted.localFlags()),
                        locked.line() == 0 ? wanted.line() : old.line(),
                        characters);
        return new Modes(kept, changed.inputSpeed(), changed.outputSpeed());
    }

    private static int keep(int locked, int old, int wanted) {
        return wanted & ~locked | old & locked;
    }
}
