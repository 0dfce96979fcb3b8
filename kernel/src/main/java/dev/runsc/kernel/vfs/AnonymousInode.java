package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Stat;

/** The inode of an open file that has none of its own, as /proc/pid/fd leads to it. */
final class AnonymousInode extends Inode {
    private final FileSystem fileSystem;
    private final FileDescription file;

    AnonymousInode(FileSystem fileSystem, FileDescription file) {
        this.fileSystem = fileSystem;
        this.file = file;
    }

    @Override
    public FileSystem fileSystem() {
        return fileSystem;
    }

    @Override
    public long number() {
        return 0;
    }

    /** Of no type, as Linux's anon_inodes are: O_TRUNC has nothing to cut. */
    @Override
    public int mode() {
        return FileMode.S_IRUSR | FileMode.S_IWUSR;
    }

    @Override
    public int uid() {
        return 0;
    }

    @Override
    public int gid() {
        return 0;
    }

    @Override
    public void checkPermission(Caller caller, int mask) {
        // Whoever may follow the link may use the file: the link's own check (ptrace access) came
        // before.
    }

    @Override
    public Stat stat(Caller caller) throws ErrnoException {
        return file.stat(caller);
    }

    @Override
    public long size() {
        return 0;
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        return file.reopen(caller, flags);
    }

    @Override
    public void changeAttributes(Caller caller, AttributeChange change) throws ErrnoException {
        throw Errno.EPERM.error();
    }
}
