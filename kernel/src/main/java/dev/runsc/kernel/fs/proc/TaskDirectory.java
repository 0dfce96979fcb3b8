package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.task.ProcessPlace;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Inode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /proc/PID} or {@code /proc/PID/task/TID}. */
final class TaskDirectory extends SubjectDirectory implements ProcessPlace {
    /** Inode parts: this for the directory, then one for each entry, then descriptors. */
    static final long DIRECTORY_PART = 1;

    private static final long ENTRY_PART = 16;

    TaskDirectory(Subject subject) {
        super(subject, DIRECTORY_PART, 0555);
    }

    @Override
    public @Nullable ThreadGroup process() {
        return subject().isProcess() ? subject().group() : null;
    }

    private static long part(TaskEntry entry) {
        return ENTRY_PART + entry.ordinal();
    }

    @Override
    protected @Nullable Inode findDynamic(Caller caller, String name) throws ErrnoException {
        TaskEntry entry = TaskEntry.find(name);
        if (entry == null || !entry.isIn(subject()) || !subject().isAlive()) {
            return null;
        }
        Subject subject = subject();
        return switch (entry) {
            case TASK -> new ThreadsDirectory(subject, part(entry));
            case FD -> new DescriptorDirectory(subject, part(entry), entry.permissions(), false);
            case FDINFO -> new DescriptorDirectory(subject, part(entry), entry.permissions(), true);
            case NS -> new NamespaceDirectory(subject, part(entry));
            case NET -> subject.proc().network();
            case CWD, ROOT, EXE -> new TaskLink(subject, part(entry), entry);
            case UID_MAP, GID_MAP, SETGROUPS ->
                    new TaskFile(
                            subject,
                            part(entry),
                            entry.permissions(),
                            new IdMapText(subject, entry, null));
            case MEM -> new MemoryInodeOfTask(subject, part(entry));
            default ->
                    new TaskFile(
                            subject,
                            part(entry),
                            entry.permissions(),
                            new TaskText(subject, entry));
        };
    }

    @Override
    protected List<DynamicEntry> listDynamic(Caller caller) throws ErrnoException {
        if (!subject().isAlive()) {
            throw Errno.ENOENT.error();
        }
        List<DynamicEntry> entries = new ArrayList<>();
        for (TaskEntry entry : TaskEntry.values()) {
            if (entry.isIn(subject())) {
                int type =
                        switch (entry) {
                            case TASK, FD, FDINFO, NS, NET -> FileMode.DT_DIR;
                            case CWD, ROOT, EXE -> FileMode.DT_LNK;
                            default -> FileMode.DT_REG;
                        };
                entries.add(new DynamicEntry(entry.fileName(), subject().inode(part(entry)), type));
            }
        }
        return entries;
    }
}
