package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.synthetic.SyntheticLink;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MountListing;
import org.jspecify.annotations.Nullable;

/**
 * {@code cwd}, {@code root} and {@code exe} of a task: they lead to the place itself, whatever its
 * path is now.
 */
final class TaskLink extends SyntheticLink {
    private final Subject subject;
    private final TaskEntry entry;

    TaskLink(Subject subject, long part, TaskEntry entry) {
        super(subject.proc(), subject.inode(part));
        this.subject = subject;
        this.entry = entry;
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
    public boolean isMagicLink() {
        return true;
    }

    @Override
    public Location followMagicLink(Caller caller) throws ErrnoException {
        Task task = subject.requireInspectable(caller);
        FsContext fs = task.findFs();
        @Nullable Location target =
                switch (entry) {
                    case EXE -> task.findMemory() == null ? null : task.executable();
                    case ROOT -> fs == null ? null : fs.root();
                    default -> fs == null ? null : fs.workingDirectory();
                };
        if (target == null) {
            throw Errno.ENOENT.error();
        }
        return target;
    }

    @Override
    public String readLink(Caller caller) throws ErrnoException {
        return MountListing.path(followMagicLink(caller), caller.fs().root());
    }
}
