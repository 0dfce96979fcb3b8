package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.state.Savable;

/** Makes the files of memfd_create(2); handed to the VFS at boot, as they belong to tmpfs. */
public interface MemoryFileMaker extends Savable {
    /** A new file, open for reading and writing. {@code flags} ({@code MFD_*}) are checked. */
    FileDescription create(Caller caller, String name, int flags) throws ErrnoException;
}
