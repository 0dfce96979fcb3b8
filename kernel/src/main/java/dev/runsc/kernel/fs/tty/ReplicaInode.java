package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MemoryInode;
import dev.runsc.kernel.vfs.NewInode;

/** {@code /dev/pts/N}. */
final class ReplicaInode extends MemoryInode {
    /** Inode numbers 1 and 2 are the directory's and ptmx's (devpts_pty_new). */
    private static final int FIRST_NUMBER = 3;

    private final Terminal terminal;

    ReplicaInode(Terminal terminal, DevptsFileSystem devpts, int permissions, int uid, int gid) {
        super(
                devpts,
                FIRST_NUMBER + terminal.index(),
                new NewInode(FileMode.S_IFCHR | permissions, uid, gid, terminal.deviceNumber()));
        this.terminal = terminal;
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        return open(terminal, caller, location, flags);
    }

    /** Opens a terminal as a program does, whatever it is called there. */
    static FileDescription open(Terminal terminal, Caller caller, Location location, int flags)
            throws ErrnoException {
        terminal.openReplica(caller.credentials().has(Capabilities.CAP_SYS_ADMIN));
        return new ReplicaFile(terminal, location, flags);
    }
}
