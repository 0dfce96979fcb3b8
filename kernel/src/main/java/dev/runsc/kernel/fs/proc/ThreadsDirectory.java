package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.RawName;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code /proc/PID/task}: the threads of a process by rising number. */
final class ThreadsDirectory extends SubjectDirectory {
    ThreadsDirectory(Subject subject, long part) {
        super(subject, part, 0555);
    }

    private @Nullable Subject find(String name) {
        int number = ProcRoot.parseNumber(name);
        if (number == 0) {
            return null;
        }
        Task task = subject().proc().tasks().findTask(subject().proc().namespace(), number);
        return task == null || task.group() != subject().group()
                ? null
                : new Subject(subject().proc(), task.group(), task);
    }

    @Override
    protected @Nullable Inode findDynamic(Caller caller, String name) {
        Subject thread = find(name);
        return thread == null ? null : new TaskDirectory(thread);
    }

    @Override
    protected boolean stillDynamic(Caller caller, String name, Inode child) {
        Subject thread = find(name);
        return thread != null
                && child instanceof TaskDirectory known
                && known.subject().equals(thread);
    }

    @Override
    protected void listDynamic(
            Caller caller, long first, long position, FileDescription.EntrySink sink)
            throws ErrnoException {
        if (!subject().isAlive()) {
            throw Errno.ENOENT.error();
        }
        TreeMap<Integer, Task> threads = new TreeMap<>();
        List<Task> live = subject().group().threads();
        for (Task task : live.isEmpty() ? List.of(subject().task()) : live) {
            threads.put(task.numbers().in(subject().proc().namespace()), task);
        }
        threads.putIfAbsent(subject().number(), subject().task());
        for (var entry : threads.entrySet()) {
            long at = ProcRoot.FIRST_PROCESS_POSITION + entry.getKey();
            if (at < position) {
                continue;
            }
            Subject thread = new Subject(subject().proc(), subject().group(), entry.getValue());
            long inode = thread.inode(TaskDirectory.DIRECTORY_PART);
            if (!sink.accept(
                    RawName.bytes(entry.getKey().toString()), inode, at + 1, FileMode.DT_DIR)) {
                return;
            }
        }
    }
}
