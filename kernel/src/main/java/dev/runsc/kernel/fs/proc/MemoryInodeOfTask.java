package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.fs.synthetic.SyntheticInode;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;

/** {@code /proc/PID/mem}. */
final class MemoryInodeOfTask extends SyntheticInode {
    private final Subject subject;

    MemoryInodeOfTask(Subject subject, long part) {
        super(subject.proc(), subject.inode(part), FileMode.S_IFREG | 0600);
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

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        return new TaskMemoryFile(location, flags, subject.requireMemory(caller));
    }

    @Override
    public void truncate(Caller caller, long sizeBytes) {
        // There is nothing to cut.
    }
}
