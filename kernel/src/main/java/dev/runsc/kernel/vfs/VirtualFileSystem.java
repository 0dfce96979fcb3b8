package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.DeviceNumber;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.time.Timekeeper;
import dev.runsc.state.Savable;
import dev.runsc.state.StateException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What all file systems of a sandbox share: kinds of file systems, devices, the mount tree's lock,
 * numbers.
 */
public final class VirtualFileSystem implements Savable {
    private final Timekeeper clock;
    private final KernelLock mountLock = new KernelLock(LockClass.MOUNT_TREE);
    private final AtomicLong nextMountId = new AtomicLong(1);
    private final AtomicInteger nextEventCookie = new AtomicInteger();

    /** For the lists of watchers of all inodes: they hardly ever change. */
    private final KernelLock watcherLock = new KernelLock(LockClass.INODE);

    private final AtomicInteger watchers = new AtomicInteger();
    private final AtomicLong nextDevice = new AtomicLong(1);

    /** Filled at boot only. */
    private final LinkedHashMap<String, FileSystemType> types = new LinkedHashMap<>();

    private final HashMap<Long, Device> characterDevices = new HashMap<>();
    private final HashMap<Long, Device> blockDevices = new HashMap<>();
    private volatile @Nullable FifoOpener fifos;
    private transient volatile @Nullable MountUsers mountUsers;
    private volatile @Nullable MemoryFileMaker memoryFiles;

    /** Those in use; tasks hold them. Each enrolls itself again after a restore. */
    private transient volatile @Nullable Set<MountNamespace> namespaces;

    private transient volatile @Nullable LockWaits lockWaits;
    private final Mount unnamed;

    public VirtualFileSystem(Timekeeper clock) {
        this.clock = clock;
        AnonymousFileSystem anonymous =
                new AnonymousFileSystem(this, "anon_inodefs", MountFlags.ANON_INODE_FS_MAGIC);
        this.unnamed = newMount(anonymous, anonymous.rootDentry(), "anon_inodefs", 0);
    }

    public Timekeeper clock() {
        return clock;
    }

    /** Held around reads and changes of the mount tree. */
    KernelLock mountLock() {
        return mountLock;
    }

    // Boot.

    /** Makes a kind of file system known to mount(2). At boot. */
    public void register(FileSystemType type) {
        types.put(type.name(), type);
    }

    /** A kind of file system, or null. */
    public @Nullable FileSystemType findType(String name) {
        return types.get(name);
    }

    /** For /proc/filesystems. */
    public List<FileSystemType> types() {
        return List.copyOf(types.values());
    }

    public void registerCharacterDevice(int major, int minor, Device device) {
        characterDevices.put(DeviceNumber.make(major, minor), device);
    }

    public void registerBlockDevice(int major, int minor, Device device) {
        blockDevices.put(DeviceNumber.make(major, minor), device);
    }

    public void setFifoOpener(FifoOpener opener) {
        fifos = opener;
    }

    public void setMemoryFiles(MemoryFileMaker maker) {
        memoryFiles = maker;
    }

    /** Makes a memory file; ENOSYS when nobody handed in how. */
    public FileDescription createMemoryFile(Caller caller, String name, int flags)
            throws ErrnoException {
        MemoryFileMaker maker = memoryFiles;
        if (maker == null) {
            throw Errno.ENOSYS.error();
        }
        return maker.create(caller, name, flags);
    }

    // Numbers.

    /** A device number for a file system without a device (major 0). */
    public long newAnonymousDevice() {
        return DeviceNumber.make(0, (int) nextDevice.getAndIncrement());
    }

    Mount newMount(FileSystem fileSystem, Dentry root, String source, int flags) {
        return new Mount(
                nextMountId.getAndIncrement(), fileSystem, root, source, flags & Mount.FLAGS);
    }

    /** Joins the halves of a rename for watchers. */
    int newEventCookie() {
        return nextEventCookie.incrementAndGet();
    }

    KernelLock watcherLock() {
        return watcherLock;
    }

    boolean hasWatchers() {
        return watchers.get() > 0;
    }

    void countWatchers(int change) {
        watchers.addAndGet(change);
    }

    // Special files.

    /**
     * Opens a FIFO, socket or device file, whose meaning lies outside its file system. File systems
     * call this from {@link Inode#open} for what is neither regular, directory nor link.
     */
    public FileDescription openSpecial(Caller caller, Location location, int flags)
            throws ErrnoException {
        Inode inode = location.inode();
        switch (inode.type()) {
            case FileMode.S_IFIFO -> {
                FifoOpener opener = fifos;
                if (opener == null) {
                    throw Errno.ENXIO.error();
                }
                return opener.open(caller, location, flags);
            }
            case FileMode.S_IFCHR -> {
                return requireDevice(characterDevices, inode).open(caller, location, flags);
            }
            case FileMode.S_IFBLK -> {
                return requireDevice(blockDevices, inode).open(caller, location, flags);
            }
            default -> throw Errno.ENXIO.error();
        }
    }

    private static Device requireDevice(HashMap<Long, Device> devices, Inode inode)
            throws ErrnoException {
        Device device = devices.get(inode.deviceNumber());
        if (device == null) {
            throw Errno.ENXIO.error();
        }
        return device;
    }

    /**
     * A location for an inode that has no name: memfds, deleted files, what /proc/pid/fd leads to.
     */
    public Location unnamedLocation(Inode inode, String name) {
        return new Location(unnamed, Dentry.unnamed(inode, name));
    }

    /** The location of an open file; made up for those without one. */
    public Location locationOf(FileDescription file) {
        Location location = file.location();
        if (location != null) {
            return location;
        }
        return unnamedLocation(
                new AnonymousInode(unnamed.fileSystem(), file), file.anonymousName());
    }

    // Mount tree.

    /** Makes a mount namespace whose root is a file system. */
    public MountNamespace newNamespace(
            UserNamespace owner, FileSystem rootFileSystem, String source, int flags) {
        mountLock.lock();
        try {
            Mount root = newMount(rootFileSystem, rootFileSystem.rootDentry(), source, flags);
            return adoptNamespace(owner, root);
        } finally {
            mountLock.unlock();
        }
    }

    /** The caller holds the mount lock. */
    MountNamespace adoptNamespace(UserNamespace owner, Mount root) {
        MountNamespace namespace = new MountNamespace(owner, root);
        List<Mount> all = new ArrayList<>();
        MountNamespace.collect(root, all);
        for (Mount mount : all) {
            mount.setNamespace(namespace);
        }
        enroll(namespace);
        return namespace;
    }

    synchronized void enroll(MountNamespace namespace) {
        namespaces().add(namespace);
    }

    private synchronized Set<MountNamespace> namespaces() {
        Set<MountNamespace> all = namespaces;
        if (all == null) {
            all = Collections.newSetFromMap(new WeakHashMap<>());
            namespaces = all;
        }
        return all;
    }

    private synchronized List<MountNamespace> namespaceList() {
        return new ArrayList<>(namespaces());
    }

    /** After a restore: every mount has a place again. */
    public void restoreMountPoints() throws ErrnoException {
        for (MountNamespace namespace : namespaceList()) {
            for (Mount mount : namespace.mounts()) {
                Dentry point = mount.mountPoint();
                if (point == null || point.isRemoved()) {
                    continue;
                }
                try {
                    point.inode().restorePlace();
                } catch (ErrnoException e) {
                    System.getLogger(VirtualFileSystem.class.getName())
                            .log(System.Logger.Level.WARNING, "no place {0}", point.name());
                    throw e;
                }
            }
        }
    }

    /** Who waits for whose record locks, to find deadlocks. */
    synchronized LockWaits lockWaits() {
        LockWaits waits = lockWaits;
        if (waits == null) {
            waits = new LockWaits();
            lockWaits = waits;
        }
        return waits;
    }

    /** The newest mount on a dentry seen through a mount, or null. */
    @Nullable Mount findMountAt(Mount mount, Dentry dentry) {
        mountLock.lock();
        try {
            return mount.findChildAt(dentry);
        } finally {
            mountLock.unlock();
        }
    }

    /** Whether open files or directories of tasks lie in a mount. */
    boolean isBusy(Mount mount) {
        MountUsers asker = mountUsers;
        return asker != null && asker.isUsed(mount);
    }

    /** Hands in who knows which mounts are in use: the task layer. At boot and after a restore. */
    public void setMountUsers(MountUsers users) {
        mountUsers = users;
    }

    /** Every file system that is mounted somewhere, each once. */
    public Set<FileSystem> mountedFileSystems() {
        mountLock.lock();
        try {
            Set<FileSystem> all = new LinkedHashSet<>();
            for (MountNamespace namespace : namespaceList()) {
                for (Mount mount : namespace.mounts()) {
                    all.add(mount.fileSystem());
                }
            }
            return all;
        } finally {
            mountLock.unlock();
        }
    }

    /**
     * Gets every file system ready to be saved: contents that only the host has come in. Called
     * while everything is stopped, before the graph is written.
     *
     * @throws StateException when a file in use cannot be part of an image; the message names it
     */
    public void prepareSave() throws StateException {
        for (FileSystem fileSystem : mountedFileSystems()) {
            fileSystem.prepareSave();
        }
    }
}
