package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.fs.synthetic.ContentSource;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;

/** {@code /proc/PID/fdinfo/N} (fs/proc/fd.c). */
record DescriptorInfo(Subject subject, int fd) implements ContentSource {
    @Override
    public void checkOpen(Caller caller, int flags) throws ErrnoException {
        subject.requireInspectable(caller);
    }

    @Override
    public void generate(Caller caller, Content out) throws ErrnoException {
        Task task = subject.require();
        FileDescription file = DescriptorDirectory.require(subject, fd);
        FdTable files = task.findFiles();
        int flags = file.statusFlags() | OpenFlags.O_LARGEFILE;
        if (files != null && files.isCloseOnExec(fd)) {
            flags |= OpenFlags.O_CLOEXEC;
        }
        long position = file.isSeekable() ? file.seek(caller, 0, SeekWhence.SEEK_CUR) : 0;
        Location location = fileSystemLocation(file);
        out.format("pos:\t%d\nflags:\t0%o\nmnt_id:\t%d\n", position, flags, location.mount().id());
        out.format("ino:\t%d\n", file.stat(caller).ino());
        out.text(file.details());
    }

    private Location fileSystemLocation(FileDescription file) {
        return subject.proc().vfs().locationOf(file);
    }
}
