package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.synthetic.SyntheticLink;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;

/** {@code /proc/self} and {@code /proc/thread-self}: whoever reads them. */
final class SelfLink extends SyntheticLink {
    private final ProcFileSystem proc;
    private final boolean toThread;

    SelfLink(ProcFileSystem proc, boolean toThread) {
        super(proc);
        this.proc = proc;
        this.toThread = toThread;
    }

    @Override
    public String readLink(Caller caller) throws ErrnoException {
        Task task = Inspection.findTask(caller);
        int process = task == null ? 0 : task.group().pid().in(proc.namespace());
        if (task == null || process == 0) {
            throw Errno.ENOENT.error();
        }
        return toThread
                ? process + "/task/" + task.numbers().in(proc.namespace())
                : Integer.toString(process);
    }
}
