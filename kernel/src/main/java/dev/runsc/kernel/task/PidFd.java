package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.kernel.sync.Waiter;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;

/** A descriptor that stands for a process (pidfd_open(2)): readable once the process is gone. */
public final class PidFd extends FileDescription {
    private final ThreadGroup group;

    private PidFd(ThreadGroup group, int statusFlags) {
        super(statusFlags | OpenFlags.O_RDWR);
        this.group = group;
    }

    public static PidFd open(Task task, ThreadGroup group, int flags) {
        return new PidFd(group, flags);
    }

    /** The process behind a descriptor; EBADF when it is none of these. */
    public static ThreadGroup require(FileDescription file) throws ErrnoException {
        if (file instanceof PidFd pidfd) {
            return pidfd.group;
        }
        throw Errno.EBADF.error();
    }

    /** The same for those who take a directory in proc too (Linux tgid_pidfd_to_pid). */
    public static ThreadGroup requireOrPlace(FileDescription file) throws ErrnoException {
        if (file.inode() instanceof ProcessPlace place) {
            ThreadGroup group = place.process();
            if (group != null) {
                return group;
            }
        }
        return require(file);
    }

    public ThreadGroup group() {
        return group;
    }

    @Override
    public int readiness() {
        return group.isZombie() ? PollEvents.POLLIN | PollEvents.POLLRDNORM : 0;
    }

    @Override
    public void addWaiter(Waiter waiter, int events) {
        group.exitEvents().add(waiter, events);
    }

    @Override
    public void removeWaiter(Waiter waiter) {
        group.exitEvents().remove(waiter);
    }

    @Override
    public Stat stat(Caller caller) {
        return new Stat(0, 0, 1, FileMode.S_IFREG | 0600, 0, 0, 0, 0, 4096, 0, ZERO, ZERO, ZERO);
    }

    private static final dev.runsc.gofer.abi.Timespec ZERO = new dev.runsc.gofer.abi.Timespec(0, 0);

    @Override
    public String anonymousName() {
        return "anon_inode:[pidfd]";
    }
}
