package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.RawName;
import org.jspecify.annotations.Nullable;

/** {@code fd} and {@code fdinfo} of a task: its open descriptors. */
final class DescriptorDirectory extends SubjectDirectory {
    private static final long LINK_PART = 1L << 24;
    private static final long INFO_PART = 1L << 25;
    private static final long FIRST_POSITION = 2;

    private final boolean info;

    DescriptorDirectory(Subject subject, long part, int permissions, boolean info) {
        super(subject, part, permissions);
        this.info = info;
    }

    /**
     * A process may always see its own, even when a change of ids made it lose the directory
     * (proc_fd_permission).
     */
    @Override
    public void checkPermission(Caller caller, int mask) throws ErrnoException {
        Task task = Inspection.findTask(caller);
        if (task == null || task.group() != subject().group()) {
            super.checkPermission(caller, mask);
        }
    }

    private long part(int fd) {
        return (info ? INFO_PART : LINK_PART) + fd;
    }

    /** The open file of a task's descriptor; ENOENT when there is none. */
    static FileDescription require(Subject subject, int fd) throws ErrnoException {
        FdTable files = subject.require().findFiles();
        FileDescription file = files == null ? null : files.find(fd);
        if (file == null) {
            throw Errno.ENOENT.error();
        }
        return file;
    }

    private static int parse(String name) {
        return name.equals("0") ? 0 : ProcRoot.parseNumber(name);
    }

    @Override
    protected @Nullable Inode findDynamic(Caller caller, String name) {
        int fd = parse(name);
        FdTable files = subject().task().findFiles();
        boolean isNumber = fd > 0 || name.equals("0");
        if (!isNumber || !subject().isAlive() || files == null || files.find(fd) == null) {
            return null;
        }
        return info
                ? new TaskFile(subject(), part(fd), 0444, new DescriptorInfo(subject(), fd))
                : new DescriptorLink(subject(), part(fd), fd);
    }

    @Override
    protected void listDynamic(
            Caller caller, long first, long position, FileDescription.EntrySink sink)
            throws ErrnoException {
        FdTable files = subject().require().findFiles();
        if (files == null) {
            return;
        }
        for (int fd : files.descriptors()) {
            long at = FIRST_POSITION + fd;
            if (at < position) {
                continue;
            }
            int type = info ? FileMode.DT_REG : FileMode.DT_LNK;
            if (!sink.accept(
                    RawName.bytes(Integer.toString(fd)), subject().inode(part(fd)), at + 1, type)) {
                return;
            }
        }
    }
}
