package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.fs.synthetic.SyntheticLink;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MountListing;

/**
 * {@code /proc/PID/fd/N}: leads to the open file's inode; opening it makes a new description of it.
 */
final class DescriptorLink extends SyntheticLink {
    /** {@code st_size} of these links in Linux. */
    private static final long SIZE = 64;

    private final Subject subject;
    private final int fd;

    DescriptorLink(Subject subject, long part, int fd) {
        super(subject.proc(), subject.inode(part));
        this.subject = subject;
        this.fd = fd;
    }

    @Override
    public int uid() {
        return subject.uid();
    }

    @Override
    public int gid() {
        return subject.gid();
    }

    @Override
    public long size() {
        return SIZE;
    }

    /** Readable and writable as the file was opened (tid_fd_update_inode). */
    @Override
    public int mode() {
        FdTable files = subject.task().findFiles();
        FileDescription file = files == null ? null : files.find(fd);
        int mode = FileMode.S_IFLNK;
        if (file != null) {
            mode |= file.isReadable() ? 0500 : 0;
            mode |= file.isWritable() ? 0300 : 0;
        }
        return mode;
    }

    @Override
    public boolean isMagicLink() {
        return true;
    }

    private FileDescription require(Caller caller) throws ErrnoException {
        subject.requireInspectable(caller);
        return DescriptorDirectory.require(subject, fd);
    }

    @Override
    public Location followMagicLink(Caller caller) throws ErrnoException {
        return fileSystem().vfs().locationOf(require(caller));
    }

    @Override
    public String readLink(Caller caller) throws ErrnoException {
        FileDescription file = require(caller);
        Location location = file.location();
        return location == null
                ? file.anonymousName()
                : MountListing.path(location, caller.fs().root());
    }
}
