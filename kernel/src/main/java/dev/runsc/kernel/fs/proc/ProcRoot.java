package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.RawName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The root of proc: fixed entries, then processes by rising number. */
final class ProcRoot extends ProcDirectory {
    /**
     * Positions of processes are their numbers above this, so that a listing goes on where it was
     * whoever ends.
     */
    static final long FIRST_PROCESS_POSITION = 1000;

    private final ProcFileSystem proc;

    ProcRoot(ProcFileSystem proc) {
        super(proc);
        this.proc = proc;
    }

    /** The number a name stands for, 0 when it is none: no sign, no leading zero. */
    static int parseNumber(String name) {
        if (name.isEmpty() || name.length() > 9 || name.charAt(0) == '0') {
            return 0;
        }
        int number = 0;
        for (int i = 0; i < name.length(); i++) {
            char digit = name.charAt(i);
            if (digit < '0' || digit > '9') {
                return 0;
            }
            number = number * 10 + digit - '0';
        }
        return number;
    }

    private @Nullable Subject find(String name) {
        int number = parseNumber(name);
        if (number == 0) {
            return null;
        }
        Task task = proc.tasks().findTask(proc.namespace(), number);
        // As Linux: a thread's number is found too, though only leaders are listed.
        return task == null ? null : new Subject(proc, task.group(), task.isLeader() ? null : task);
    }

    @Override
    protected @Nullable Inode findDynamic(Caller caller, String name) throws ErrnoException {
        Subject subject = find(name);
        return subject == null ? null : new TaskDirectory(subject);
    }

    @Override
    protected boolean stillDynamic(Caller caller, String name, Inode child) throws ErrnoException {
        Subject subject = find(name);
        return subject != null
                && child instanceof TaskDirectory known
                && known.subject().equals(subject);
    }

    @Override
    protected void listDynamic(
            Caller caller, long first, long position, FileDescription.EntrySink sink) {
        for (ThreadGroup group : groups()) {
            int number = group.pid().in(proc.namespace());
            long at = FIRST_PROCESS_POSITION + number;
            if (number == 0 || at < position) {
                continue;
            }
            long inode = new Subject(proc, group, null).inode(TaskDirectory.DIRECTORY_PART);
            if (!sink.accept(
                    RawName.bytes(Integer.toString(number)), inode, at + 1, FileMode.DT_DIR)) {
                return;
            }
        }
    }

    private List<ThreadGroup> groups() {
        proc.tasks().lock().lock();
        try {
            return new ArrayList<>(proc.namespace().groups());
        } finally {
            proc.tasks().lock().unlock();
        }
    }
}
