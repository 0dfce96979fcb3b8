package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.synthetic.SyntheticLink;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Location;

/** A link in {@code /proc/PID/ns}: it leads to a file that stands for the namespace. */
final class NamespaceLink extends SyntheticLink {
    private final Subject subject;
    private final NamespaceKind kind;

    NamespaceLink(Subject subject, long part, NamespaceKind kind) {
        super(subject.proc(), subject.inode(part));
        this.subject = subject;
        this.kind = kind;
    }

    @Override
    public int uid() {
        return subject.uid();
    }

    @Override
    public int gid() {
        return subject.gid();
    }

    private Task requireTask(Caller caller) throws ErrnoException {
        Task task = subject.requireInspectable(caller);
        if (task.findFs() == null) {
            throw Errno.ENOENT.error();
        }
        return task;
    }

    @Override
    public boolean isMagicLink() {
        return true;
    }

    @Override
    public Location followMagicLink(Caller caller) throws ErrnoException {
        return kind.handle(subject.proc(), requireTask(caller)).place();
    }

    @Override
    public String readLink(Caller caller) throws ErrnoException {
        return kind.text(requireTask(caller));
    }
}
