package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.state.Savable;

/** Opens named pipes: the pipe package's part of the VFS, handed in at boot. */
public interface FifoOpener extends Savable {
    /**
     * Opens an end of a FIFO as fifo(7) says; sleeps until the other end is there, as a call that
     * restarts.
     */
    FileDescription open(Caller caller, Location location, int flags) throws ErrnoException;
}
