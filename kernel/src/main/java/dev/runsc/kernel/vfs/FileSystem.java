package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Statfs;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.Savable;
import dev.runsc.state.StateException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** An instance of a file system (Linux {@code struct super_block}), mounted any number of times. */
public abstract class FileSystem implements Savable {
    private final KernelLock treeLock;
    private final VirtualFileSystem vfs;
    private final String typeName;
    private final long deviceId;
    private final AtomicLong nextInode = new AtomicLong(1);

    /** One for all mounts: a name has one dentry in use, wherever it is seen. */
    private final AtomicReference<@Nullable Dentry> rootDentry = new AtomicReference<>();

    /** The user namespace it was mounted from; null for the first. */
    private @Nullable UserNamespace owner;

    protected FileSystem(VirtualFileSystem vfs, String typeName) {
        this(vfs, typeName, LockClass.FILE_SYSTEM);
    }

    /** For trees whose lookups take locks that come before FILE_SYSTEM. */
    protected FileSystem(VirtualFileSystem vfs, String typeName, LockClass treeLockClass) {
        this.treeLock = new KernelLock(treeLockClass);
        this.vfs = vfs;
        this.typeName = typeName;
        this.deviceId = vfs.newAnonymousDevice();
    }

    /** Tells who has mounted it, before anybody else sees it. */
    final void setOwner(UserNamespace mounter) {
        owner = mounter.isFirst() ? null : mounter;
    }

    /** Whether a capability of the caller's is effective over the instance (s_user_ns). */
    final boolean isAdministeredBy(Credentials who, int capability) {
        UserNamespace mounter = owner;
        return mounter == null ? who.has(capability) : who.hasIn(mounter, capability);
    }

    /** Whether set-id bits count for members of a user namespace (mnt_may_suid). */
    public final boolean isTrustedBy(UserNamespace namespace) {
        UserNamespace mounter = owner;
        return mounter == null || mounter.isAncestorOf(namespace);
    }

    public final VirtualFileSystem vfs() {
        return vfs;
    }

    /** The name mount(2) and /proc/mounts know it by. */
    public final String typeName() {
        return typeName;
    }

    /** {@code st_dev}. */
    public final long deviceId() {
        return deviceId;
    }

    /** Held around directory operations; see the package. */
    public final KernelLock treeLock() {
        return treeLock;
    }

    /** Draws an inode number that this instance has not used. */
    public final long newInodeNumber() {
        return nextInode.getAndIncrement();
    }

    /** Now, in nanoseconds since 1970: what files are stamped with. */
    public final long now() {
        return vfs.clock().realNanos();
    }

    /** What mounts of the whole of it show. */
    final Dentry rootDentry() {
        Dentry known = rootDentry.get();
        if (known == null) {
            Dentry made = Dentry.root(this);
            Dentry other = rootDentry.compareAndExchange(null, made);
            known = other == null ? made : other;
        }
        return known;
    }

    /** The directory that mounts of it show. */
    public abstract Inode root();

    /** The names that lead from the root to the directory that a mount of the caller's shows. */
    public List<String> mountPath(Caller caller) {
        return List.of();
    }

    /**
     * How a path inside it, such as a mount's root, is shown to somebody (show_path).
     *
     * @param path absolute
     */
    public String shownPath(Caller caller, String path) {
        return path;
    }

    public abstract Statfs statfs(Caller caller) throws ErrnoException;

    /**
     * Options of the instance for /proc/mounts, such as {@code size=64k}; empty when there are
     * none.
     */
    public String options() {
        return "";
    }

    /**
     * Whether the tree changes without calls from here, so that names found before are asked about
     * again.
     */
    public boolean volatileTree() {
        return false;
    }

    /** mount(2) with MS_REMOUNT: new options of the instance. */
    public void reconfigure(Caller caller, String data) throws ErrnoException {}

    /** Brings into memory what an image must hold; see {@link VirtualFileSystem#prepareSave}. */
    public void prepareSave() throws StateException {}

    /** syncfs(2). */
    public void sync(Caller caller) throws ErrnoException {}
}
