package dev.runsc.kernel.fs.anon;

import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.sync.Waiter;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;

/**
 * An open file without a name or an inode of its own (Linux anon_inode_getfd): eventfd, timerfd,
 * signalfd, epoll.
 */
abstract class AnonymousFile extends FileDescription {
    private static final Timespec ZERO = new Timespec(0, 0);
    private static final long DEVICE = 0xe;
    private static final long INODE = 1;

    private final WaitQueue queue = new WaitQueue();

    AnonymousFile(int statusFlags) {
        super(statusFlags);
    }

    final WaitQueue queue() {
        return queue;
    }

    @Override
    public boolean isSeekable() {
        return false;
    }

    @Override
    public void addWaiter(Waiter waiter, int events) {
        queue.add(waiter, events);
    }

    @Override
    public void removeWaiter(Waiter waiter) {
        queue.remove(waiter);
    }

    @Override
    public Stat stat(Caller caller) {
        return new Stat(
                DEVICE,
                INODE,
                1,
                FileMode.S_IRUSR | FileMode.S_IWUSR,
                0,
                0,
                0,
                0,
                4096,
                0,
                ZERO,
                ZERO,
                ZERO);
    }
}
