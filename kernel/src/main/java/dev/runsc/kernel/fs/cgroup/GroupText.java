package dev.runsc.kernel.fs.cgroup;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.Notice;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.fs.synthetic.Watchable;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.task.CallingTask;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.RawName;
import org.jspecify.annotations.Nullable;

/** A file of a group, by its row. */
record GroupText(GroupDirectory directory, ControlFile file) implements Watchable {
    private GroupView view(Caller caller) throws ErrnoException {
        if (directory.group().isDead() || !file.isIn(directory.group())) {
            throw Errno.ENODEV.error();
        }
        CgroupFiles files = directory.files();
        Task task = CallingTask.find(caller);
        return new GroupView(
                files,
                directory.group(),
                directory,
                task,
                task == null ? files.tasks().rootNamespace() : task.namespace());
    }

    @Override
    public void generate(Caller caller, Content out) throws ErrnoException {
        file.show(view(caller), out);
    }

    @Override
    public long write(Caller caller, byte[] data, long offset) throws ErrnoException {
        if (data.length > 0) {
            file.write(view(caller), RawName.of(data).strip());
        }
        return data.length;
    }

    @Override
    public @Nullable WaitQueue changes() {
        Notice notice = file.notice(directory.group());
        return notice == null ? null : notice.queue();
    }

    @Override
    public long version() {
        Notice notice = file.notice(directory.group());
        return notice == null ? 0 : notice.count();
    }
}
