package dev.runsc.kernel.fs.tty;

import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.sync.Waiter;
import dev.runsc.kernel.vfs.LocatedFile;
import dev.runsc.kernel.vfs.Location;

/** What the open files of both ends share. */
abstract class TerminalFile extends LocatedFile {
    private final Terminal terminal;

    TerminalFile(Terminal terminal, Location location, int flags) {
        super(location, flags);
        this.terminal = terminal;
    }

    final Terminal terminal() {
        return terminal;
    }

    abstract WaitQueue queue();

    @Override
    public final boolean isSeekable() {
        return false;
    }

    @Override
    public final void addWaiter(Waiter waiter, int events) {
        queue().add(waiter, events);
    }

    @Override
    public final void removeWaiter(Waiter waiter) {
        queue().remove(waiter);
    }
}
