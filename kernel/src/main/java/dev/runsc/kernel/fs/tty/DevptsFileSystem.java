package dev.runsc.kernel.fs.tty;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.fs.synthetic.SyntheticDirectory;
import dev.runsc.kernel.fs.synthetic.SyntheticFileSystem;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Dentry;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import java.util.BitSet;

/** An instance of devpts: pseudo terminals by number. */
public final class DevptsFileSystem extends SyntheticFileSystem {
    static final String MASTER_NAME = "ptmx";

    private final KernelLock lock = new KernelLock(LockClass.FILE_SYSTEM);
    private final TaskSet tasks;
    private final DevptsOptions options;
    private final SyntheticDirectory directory;

    /** Numbers in use: also those of terminals whose master is gone while a replica is open. */
    @GuardedBy("lock")
    private final BitSet numbers = new BitSet();

    DevptsFileSystem(VirtualFileSystem vfs, TaskSet tasks, DevptsOptions options) {
        super(vfs, "devpts", MountFlags.DEVPTS_SUPER_MAGIC, true);
        this.tasks = tasks;
        this.options = options;
        directory = new SyntheticDirectory(this, 0755);
        directory.add(MASTER_NAME, new MasterInode(this, options.masterMode()));
        setRoot(directory);
    }

    @Override
    public String options() {
        return options.text();
    }

    /** A new terminal with a name in the directory; ENOSPC when there are too many. */
    public Terminal create(Caller caller) throws ErrnoException {
        int number;
        lock.lock();
        try {
            number = numbers.nextClearBit(0);
            if (number >= options.most()) {
                throw Errno.ENOSPC.error();
            }
            numbers.set(number);
        } finally {
            lock.unlock();
        }
        tasks.terminals().incrementAndGet();
        int uid = options.uid();
        int gid = options.gid();
        Terminal terminal = new Terminal(this, number, tasks);
        directory.add(
                String.valueOf(number),
                new ReplicaInode(
                        terminal,
                        this,
                        options.mode(),
                        uid == DevptsOptions.OPENER ? caller.credentials().fsUid() : uid,
                        gid == DevptsOptions.OPENER ? caller.credentials().fsGid() : gid));
        return terminal;
    }

    /** Opens a new master (ptmx_open). */
    FileDescription openMaster(Caller caller, Location at, Location devices, int flags)
            throws ErrnoException {
        return new MasterFile(create(caller), at, devices, flags & ~OpenFlags.O_NOCTTY);
    }

    /** The root of the mount through which one of its files was found. */
    static Location rootOf(Location within) {
        Dentry at = within.dentry();
        for (Dentry up = at.parent(); up != null; up = at.parent()) {
            at = up;
        }
        return new Location(within.mount(), at);
    }

    /** The master is gone, and the name with it. */
    void hide(Terminal terminal) {
        directory.remove(String.valueOf(terminal.index()));
    }

    /** Both ends are gone: the number is free. */
    void release(Terminal terminal) {
        lock.lock();
        try {
            numbers.clear(terminal.index());
        } finally {
            lock.unlock();
        }
        tasks.terminals().decrementAndGet();
    }
}
