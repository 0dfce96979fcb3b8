package dev.runsc.kernel.fs.proc;

/** A directory that belongs to a task. */
abstract class SubjectDirectory extends ProcDirectory {
    private final Subject subject;

    SubjectDirectory(Subject subject, long part, int permissions) {
        super(subject.proc(), subject.inode(part), permissions);
        this.subject = subject;
    }

    final Subject subject() {
        return subject;
    }

    @Override
    public final int uid() {
        return subject.uid();
    }

    @Override
    public final int gid() {
        return subject.gid();
    }
}
