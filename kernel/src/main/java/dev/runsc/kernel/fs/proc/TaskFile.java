package dev.runsc.kernel.fs.proc;

import dev.runsc.kernel.fs.synthetic.ContentSource;
import dev.runsc.kernel.fs.synthetic.SyntheticFile;

/** A text that belongs to a task. */
final class TaskFile extends SyntheticFile {
    private final Subject subject;

    TaskFile(Subject subject, long part, int permissions, ContentSource source) {
        super(subject.proc(), subject.inode(part), permissions, source);
        this.subject = subject;
    }

    @Override
    public int uid() {
        return subject.uid();
    }

    @Override
    public int gid() {
        return subject.gid();
    }
}
