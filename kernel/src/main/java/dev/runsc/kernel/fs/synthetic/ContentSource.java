package dev.runsc.kernel.fs.synthetic;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.state.Savable;

/** Makes the contents of a synthetic file, and takes what is written to it. */
public interface ContentSource extends Savable {
    /** Adds the contents as they are now. */
    void generate(Caller caller, Content out) throws ErrnoException;

    /**
     * Takes one write(2).
     *
     * @param offset file position
     * @return bytes taken
     */
    default long write(Caller caller, byte[] data, long offset) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /** ioctl(2) of an open file. */
    default long ioctl(Caller caller, MemoryManager memory, int request, long argument)
            throws ErrnoException {
        throw Errno.ENOTTY.error();
    }

    /** What an open file uses: this, or one that remembers who has opened it. */
    default ContentSource opened(Caller caller) {
        return this;
    }

    /** Asked at open, after the permission bits. */
    default void checkOpen(Caller caller, int flags) throws ErrnoException {}
}
