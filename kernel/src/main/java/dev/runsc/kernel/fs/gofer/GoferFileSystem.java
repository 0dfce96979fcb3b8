package dev.runsc.kernel.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Statfs;
import dev.runsc.gofer.client.GoferClient;
import dev.runsc.gofer.protocol.NodeAttributes;
import dev.runsc.gofer.protocol.Reply;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsOptions;
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
import dev.runsc.state.StateException;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One mount of a gofer. */
public final class GoferFileSystem extends FileSystem implements AfterRestore {
    /** What /proc/mounts calls it, as gVisor does. */
    private static final String TYPE_NAME = "9p";

    private final String connectionName;
    private final boolean shared;
    private final OwnerMap ids;
    private final MemoryFile memoryFile;
    private final GoferInode root;
    private final KernelLock lock = new KernelLock(LockClass.GOFER);

    /**
     * Host devices in the tree and the {@code st_dev} each is shown with; the root's has the file
     * system's own.
     */
    @GuardedBy("lock")
    private final HashMap<Long, Long> devices = new HashMap<>();

    /** Where contents of nameless files go that an image must hold; made when first needed. */
    @GuardedBy("lock")
    private @Nullable TmpfsFileSystem rescued;

    /** What is the same file under any name. */
    private record FileKey(long device, long number) {
        /** Spelled out: what a record makes itself costs the first use 20 ms. */
        @Override
        public int hashCode() {
            return Long.hashCode(device) * 31 + Long.hashCode(number);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof FileKey key && device == key.device && number == key.number;
        }
    }

    private static final int LINKED_SWEEP = 256;

    /** Files in use that have several names. */
    @GuardedBy("lock")
    private transient @Nullable HashMap<FileKey, WeakReference<GoferInode>> linked;

    @GuardedBy("lock")
    private transient int linkedSweepAt;

    private transient volatile @Nullable GoferClient client;
    private transient volatile @Nullable Platform platform;
    private transient volatile @Nullable NodeCache cache;
    private transient volatile @Nullable FileReads reads;
    private transient volatile int rootIndex;

    /**
     * Attaches to a mount.
     *
     * @param connectionName its name among the connections, now and at every restore
     * @param shared whether others may change the files on the host
     * @param ids as whose the files are shown
     * @throws ErrnoException ENODEV when there is no such connection, or the gofer's error
     */
    public GoferFileSystem(
            VirtualFileSystem vfs,
            GoferConnections connections,
            String connectionName,
            Platform platform,
            MemoryFile memoryFile,
            boolean shared,
            OwnerMap ids)
            throws ErrnoException {
        super(vfs, TYPE_NAME);
        GoferConnections.Connection connection = connections.find(connectionName);
        if (connection == null) {
            throw Errno.ENODEV.error();
        }
        this.connectionName = connectionName;
        this.shared = shared;
        this.ids = ids;
        this.memoryFile = memoryFile;
        connect(connections, connection, platform);
        Reply.Node node = client().attach(rootIndex).root();
        devices.put(node.attributes().dev(), deviceId());
        this.root = newInode(null, "", node, "");
    }

    private void connect(
            GoferConnections connections,
            GoferConnections.Connection connection,
            Platform newPlatform) {
        client = connection.client();
        rootIndex = connection.root();
        platform = newPlatform;
        reads = connections.reads();
        NodeCache kept = new NodeCache();
        cache = kept;
        connections.use(connectionName, kept);
    }

    @Override
    public int restoreOrder() {
        return RestoreOrder.HOST_RESOURCES;
    }

    @Override
    public void afterRestore(RestoreContext context) throws RestoreException {
        GoferConnections connections = context.require(GoferConnections.class);
        GoferConnections.Connection connection = connections.find(connectionName);
        if (connection == null) {
            throw new RestoreException(
                    "no gofer mount named '" + connectionName + "', which the image needs");
        }
        connect(connections, connection, context.require(Platform.class));
    }

    // The host's side.

    GoferClient client() {
        return Objects.requireNonNull(client, "not connected");
    }

    Platform platform() {
        return Objects.requireNonNull(platform, "not connected");
    }

    NodeCache cache() {
        return Objects.requireNonNull(cache, "not connected");
    }

    FileReads reads() {
        return Objects.requireNonNull(reads, "not connected");
    }

    /** For messages. */
    String connectionName() {
        return connectionName;
    }

    /** As whose the files are shown. */
    OwnerMap ids() {
        return ids;
    }

    /** Whether others may change the files. */
    boolean isShared() {
        return shared;
    }

    Reply.Node attachRoot() throws ErrnoException {
        Reply.Node node = client().attach(rootIndex).root();
        lock.lock();
        try {
            devices.putIfAbsent(node.attributes().dev(), deviceId());
        } finally {
            lock.unlock();
        }
        return node;
    }

    /** The {@code st_dev} that files of a host device are shown with. */
    long shownDevice(long hostDevice) {
        lock.lock();
        try {
            return devices.computeIfAbsent(hostDevice, unknown -> vfs().newAnonymousDevice());
        } finally {
            lock.unlock();
        }
    }

    /** The file system that takes in contents of nameless files. */
    TmpfsFileSystem rescued() {
        lock.lock();
        try {
            TmpfsFileSystem known = rescued;
            if (known == null) {
                known = new TmpfsFileSystem(vfs(), memoryFile, TmpfsOptions.unlimited(0700));
                rescued = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** An inode for a node just found. The node is the inode's from now on. */
    GoferInode newInode(
            @Nullable GoferDirectory parent, String name, Reply.Node node, String linkTarget) {
        NodeAttributes attributes = node.attributes();
        GoferInode inode =
                switch (attributes.mode() & FileMode.S_IFMT) {
                    case FileMode.S_IFDIR -> new GoferDirectory(this, parent, name, attributes);
                    case FileMode.S_IFREG -> new GoferFile(this, parent, name, attributes);
                    case FileMode.S_IFLNK ->
                            new GoferSymlink(this, parent, name, attributes, linkTarget);
                    default -> new GoferSpecial(this, parent, name, attributes);
                };
        inode.adoptNode(node);
        cache().used(inode);
        enroll(inode);
        return inode;
    }

    /** Makes a file of several names findable by its number. */
    void enroll(GoferInode inode) {
        if (!(inode instanceof GoferFile)) {
            return;
        }
        lock.lock();
        try {
            HashMap<FileKey, WeakReference<GoferInode>> table = linked;
            if (table == null) {
                table = new HashMap<>();
                linked = table;
            }
            FileKey key = new FileKey(inode.shownDevice(), inode.number());
            if (inode.hostLinks() > 1 || table.containsKey(key) || inode.isRemoved()) {
                table.put(key, new WeakReference<>(inode));
            }
            if (table.size() > linkedSweepAt) {
                table.values().removeIf(reference -> reference.get() == null);
                linkedSweepAt = Math.max(LINKED_SWEEP, table.size() * 2);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The inode in use for a file of several names, or null. */
    @Nullable GoferInode findLinked(NodeAttributes attributes) {
        if (attributes.nlink() < 2 || (attributes.mode() & FileMode.S_IFMT) != FileMode.S_IFREG) {
            return null;
        }
        FileKey key = new FileKey(shownDevice(attributes.dev()), attributes.ino());
        lock.lock();
        try {
            WeakReference<GoferInode> reference = linked == null ? null : linked.get(key);
            return reference == null ? null : reference.get();
        } finally {
            lock.unlock();
        }
    }

    // FileSystem.

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public boolean volatileTree() {
        return shared;
    }

    @Override
    public Statfs statfs(Caller caller) throws ErrnoException {
        long node = root.pin();
        try {
            return client().statFileSystem(node);
        } finally {
            root.unpin();
        }
    }

    @Override
    public void sync(Caller caller) throws ErrnoException {
        for (GoferFile file : cache().filesInUse()) {
            file.sync(caller, false);
        }
    }

    @Override
    public void prepareSave() throws StateException {
        List<GoferFile> files = cache().filesInUse();
        for (GoferFile file : files) {
            file.rescueContents();
        }
    }
}
