package dev.runsc.kernel.fs.erofs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Statfs;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.fs.gofer.FileReads;
import dev.runsc.kernel.fs.gofer.GoferConnections;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.RestoreException;
import dev.runsc.state.RestoreOrder;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An instance: one image. */
public final class ErofsFileSystem extends FileSystem implements AfterRestore {
    /** The name in configurations and in /proc/mounts. */
    public static final String TYPE_NAME = "erofs";

    private static final int NAME_BYTES_MAX = 255;

    /** How many entries the table of inodes has when it is first swept. */
    private static final int SWEEP_AT = 1024;

    private final String source;
    private final MemoryFile memoryFile;
    private final Superblock superblock;
    private final ErofsDirectory root;
    private final KernelLock lock = new KernelLock(LockClass.GOFER);

    private transient volatile @Nullable ErofsImage image;

    /** Inodes in use by their numbers. */
    @GuardedBy("lock")
    private transient @Nullable HashMap<Long, WeakReference<ErofsInode>> known;

    @GuardedBy("lock")
    private transient int sweepAt;

    /**
     * Reads what an image says of itself.
     *
     * @param source the name among the connections under which a restore finds the image
     * @param file the image; this object's from now on, also when this fails
     * @throws ErofsFault when it is none, or one that is not supported
     */
    public ErofsFileSystem(
            VirtualFileSystem vfs,
            String source,
            HostFd file,
            Platform platform,
            MemoryFile memoryFile,
            FileReads reads)
            throws ErofsFault {
        super(vfs, TYPE_NAME);
        this.source = source;
        this.memoryFile = memoryFile;
        ErofsImage opened = new ErofsImage(file, platform, reads);
        this.image = opened;
        this.superblock = Superblock.read(opened);
        try {
            InodeFacts facts = InodeFacts.read(opened, superblock, superblock.rootNumber());
            if ((facts.mode() & FileMode.S_IFMT) != FileMode.S_IFDIR) {
                throw new ErofsFault("the root of the EROFS image is no directory");
            }
            this.root = new ErofsDirectory(this, facts, null);
        } catch (ErrnoException e) {
            throw new ErofsFault("the root of the EROFS image: " + e.errno().message(), e);
        }
        enroll(root);
    }

    @Override
    public int restoreOrder() {
        return RestoreOrder.HOST_RESOURCES;
    }

    /** The image of the restored container must be the one that was saved, or a copy. */
    @Override
    public void afterRestore(RestoreContext context) throws RestoreException {
        GoferConnections connections = context.require(GoferConnections.class);
        try {
            HostFd file = connections.openFile(source);
            ErofsImage opened =
                    new ErofsImage(file, context.require(Platform.class), connections.reads());
            if (!Superblock.read(opened).isSame(superblock)) {
                throw new ErofsFault("it is not the one that was saved: superblocks differ");
            }
            image = opened;
        } catch (ErrnoException e) {
            String why = e.is(Errno.ENODEV) ? "nobody serves it" : e.errno().message();
            throw new RestoreException("the EROFS image of '" + source + "': " + why, e);
        } catch (ErofsFault e) {
            throw new RestoreException("the EROFS image of '" + source + "': " + e.getMessage(), e);
        }
    }

    ErofsImage image() {
        return Objects.requireNonNull(image, "not connected");
    }

    Superblock superblock() {
        return superblock;
    }

    MemoryFile memoryFile() {
        return memoryFile;
    }

    /**
     * The inode of a number that a directory has; the one in use, if there is one.
     *
     * @throws ErrnoException EUCLEAN when there can be no such inode, or not there
     */
    ErofsInode inode(long number, ErofsDirectory directory) throws ErrnoException {
        lock.lock();
        try {
            ErofsInode inUse = find(number);
            if (inUse == null) {
                inUse = make(InodeFacts.read(image(), superblock, number), directory);
                remember(inUse);
            }
            if (inUse instanceof ErofsDirectory found && !found.isIn(directory)) {
                throw Errno.EUCLEAN.error();
            }
            return inUse;
        } finally {
            lock.unlock();
        }
    }

    private ErofsInode make(InodeFacts facts, ErofsDirectory directory) {
        return switch (facts.mode() & FileMode.S_IFMT) {
            case FileMode.S_IFDIR -> new ErofsDirectory(this, facts, directory);
            case FileMode.S_IFREG -> new ErofsFile(this, facts);
            case FileMode.S_IFLNK -> new ErofsSymlink(this, facts);
            default -> new ErofsSpecial(this, facts);
        };
    }

    /** Makes an inode findable by its number. */
    void enroll(ErofsInode inode) {
        lock.lock();
        try {
            remember(inode);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private @Nullable ErofsInode find(long number) {
        WeakReference<ErofsInode> reference = known == null ? null : known.get(number);
        return reference == null ? null : reference.get();
    }

    @GuardedBy("lock")
    private void remember(ErofsInode inode) {
        HashMap<Long, WeakReference<ErofsInode>> table = known;
        if (table == null) {
            table = new HashMap<>();
            known = table;
            sweepAt = SWEEP_AT;
        }
        table.put(inode.number(), new WeakReference<>(inode));
        if (table.size() > sweepAt) {
            table.values().removeIf(reference -> reference.get() == null);
            sweepAt = Math.max(SWEEP_AT, table.size() * 2);
        }
    }

    // FileSystem.

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public Statfs statfs(Caller caller) {
        return new Statfs(
                Superblock.MAGIC,
                superblock.blockBytes(),
                superblock.blocks(),
                0,
                0,
                -1,
                -1 - superblock.inodes(),
                deviceId(),
                NAME_BYTES_MAX,
                superblock.blockBytes(),
                0);
    }
}
