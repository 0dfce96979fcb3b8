package dev.runsc.kernel.fs.overlay;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.gofer.abi.Statfs;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import dev.runsc.state.StateException;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** An instance: one upper tree over lower ones. */
public final class OverlayFileSystem extends FileSystem {
    /** Marks that a directory hides what lies below; as Linux. */
    static final String OPAQUE = "trusted.overlay.opaque";

    /** Remembers the inode number a file had before it was copied up. */
    static final String ORIGIN = "trusted.overlay.origin";

    /** The attributes of this file system in the upper one; guests do not see them. */
    static final String PRIVATE_XATTRS = "trusted.overlay.";

    /** Set in numbers of files that come from the upper tree, which counts from 1. */
    private static final long UPPER_NUMBERS = 1L << 48;

    /** Files of lower layers but the first have their layer's number here. */
    private static final int LAYER_SHIFT = 49;

    private final TmpfsFileSystem upper;
    private final ArrayList<Inode> lowers;
    private final OverlayDirectory root;

    /** Overlay inodes in use by the inodes of the layers. */
    @GuardedBy("this")
    private transient @Nullable WeakHashMap<Inode, WeakReference<OverlayInode>> known;

    /**
     * Joins trees.
     *
     * @param upper where changes go, an instance used by nobody else
     * @param lowers roots of the lower trees, topmost first; at least one
     */
    public OverlayFileSystem(VirtualFileSystem vfs, TmpfsFileSystem upper, List<Inode> lowers) {
        super(vfs, "overlay");
        this.upper = upper;
        this.lowers = new ArrayList<>(lowers);
        this.root = new OverlayDirectory(this, null, "", upper.root(), this.lowers);
        remember(root);
    }

    @Override
    public Inode root() {
        return root;
    }

    /** What changes take of the memory file. */
    public long usedBytes() {
        return upper.usedBytes();
    }

    /** What has been changed, with the marks of the overlay in it. */
    public TmpfsFileSystem upper() {
        return upper;
    }

    /** Whether a mark in the upper tree speaks of these lower trees, and of no others. */
    public static boolean isBoundToLower(String xattr) {
        return xattr.equals(ORIGIN);
    }

    @Override
    public Statfs statfs(Caller caller) throws ErrnoException {
        Statfs raw = upper.statfs(caller);
        return new Statfs(
                MountFlags.OVERLAYFS_SUPER_MAGIC,
                raw.blockSize(),
                raw.blocks(),
                raw.blocksFree(),
                raw.blocksAvailable(),
                raw.files(),
                raw.filesFree(),
                deviceId(),
                raw.nameLength(),
                raw.fragmentSize(),
                0);
    }

    @Override
    public void sync(Caller caller) throws ErrnoException {
        upper.sync(caller);
    }

    @Override
    public void prepareSave() throws StateException {
        upper.prepareSave();
        for (Inode lower : lowers) {
            lower.fileSystem().prepareSave();
        }
    }

    /** Walks what has been changed, as it lies in the upper tree. */
    public void walkUpper(Caller caller, UpperEntry.Sink sink) throws ErrnoException, IOException {
        UpperEntry.walk(caller, upper.root(), sink);
    }

    // Inodes.

    /**
     * The overlay inode for what the layers have; the one in use if there is one. Tree lock held.
     */
    OverlayInode inodeFor(
            OverlayDirectory parent,
            String name,
            @Nullable Inode upperInode,
            List<Inode> lowerInodes) {
        Inode key = upperInode != null ? upperInode : lowerInodes.getFirst();
        OverlayInode inUse = find(key);
        if (inUse != null) {
            return inUse;
        }
        OverlayInode made =
                switch (key.type()) {
                    case FileMode.S_IFDIR ->
                            new OverlayDirectory(this, parent, name, upperInode, lowerInodes);
                    case FileMode.S_IFREG ->
                            new OverlayFile(this, parent, name, upperInode, lowerInodes);
                    default -> new OverlayOther(this, parent, name, upperInode, lowerInodes);
                };
        remember(made);
        return made;
    }

    private synchronized @Nullable OverlayInode find(Inode key) {
        WeakReference<OverlayInode> reference = table().get(key);
        return reference == null ? null : reference.get();
    }

    /** Makes an overlay inode findable by its layers' inodes: new, copied up, or restored. */
    synchronized void remember(OverlayInode inode) {
        WeakReference<OverlayInode> reference = new WeakReference<>(inode);
        Inode upperInode = inode.upper();
        if (upperInode != null) {
            table().put(upperInode, reference);
        }
        if (!inode.lowers().isEmpty()) {
            table().put(inode.lowers().getFirst(), reference);
        }
    }

    private synchronized WeakHashMap<Inode, WeakReference<OverlayInode>> table() {
        WeakHashMap<Inode, WeakReference<OverlayInode>> table = known;
        if (table == null) {
            table = new WeakHashMap<>();
            known = table;
        }
        return table;
    }

    /** The inode number that what the layers have is shown with, always the same. */
    long numberFor(@Nullable Inode upperInode, List<Inode> lowerInodes) {
        if (upperInode != null) {
            Long origin = Marks.origin(upperInode);
            return origin != null ? origin : upperInode.number() | UPPER_NUMBERS;
        }
        Inode lower = lowerInodes.getFirst();
        return lowerNumber(lower);
    }

    /** The number of a lower file, distinct across layers. */
    long lowerNumber(Inode lower) {
        return withLayer(lower.number(), lower.fileSystem());
    }

    /** As {@link #lowerNumber} from an entry of a listing. */
    long withLayer(long number, FileSystem layer) {
        long index = 0;
        for (Inode root : lowers) {
            if (root.fileSystem() == layer) {
                break;
            }
            index++;
        }
        return number ^ index << LAYER_SHIFT;
    }

    static long upperNumber(long number) {
        return number | UPPER_NUMBERS;
    }
}
