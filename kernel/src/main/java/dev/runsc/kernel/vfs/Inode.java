package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.InotifyFlags;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * A file of any kind (Linux {@code struct inode} with its operations). Permissions are checked by
 * the callers ({@link PathOperations}, {@link Opener}); an inode checks only what its kind of file
 * forbids. Operations that name an entry of a directory are called with the file system's tree lock
 * held and after the VFS looked the name up.
 */
public abstract class Inode implements Savable {
    /** Bits of a permission mask, as access(2) has them. */
    public static final int MAY_EXEC = 1;

    public static final int MAY_WRITE = 2;
    public static final int MAY_READ = 4;

    /** The extended attribute that holds a program's capabilities. */
    public static final String XATTR_CAPABILITY = "security.capability";

    private static final AtomicIntegerFieldUpdater<Inode> WRITE_COUNT =
            AtomicIntegerFieldUpdater.newUpdater(Inode.class, "writeCount");
    private static final AtomicIntegerFieldUpdater<Inode> OPEN_COUNT =
            AtomicIntegerFieldUpdater.newUpdater(Inode.class, "openCount");

    /**
     * Writers if positive, denials of write (running programs) if negative: Linux {@code
     * i_writecount}.
     */
    private volatile int writeCount;

    private volatile @Nullable FileLocks locks;

    /** Descriptions opened by path: what a deleted file lives on by, for watchers. */
    private volatile int openCount;

    /** Null while nobody watches; replaced as a whole, under this object's monitor. */
    private volatile @Nullable ArrayList<InodeWatcher> watchers;

    /** The place somebody mapped the file from last. */
    private volatile @Nullable Location mappedFrom;

    /**
     * The pipe of an open FIFO, the socket bound to a socket file; null for other kinds. Set by
     * their owners.
     */
    private volatile @Nullable Savable attachment;

    public abstract FileSystem fileSystem();

    /** {@code st_ino}. */
    public abstract long number();

    /** Type and permission bits ({@code st_mode}). */
    public abstract int mode();

    public abstract int uid();

    public abstract int gid();

    /** {@code st_rdev} of device files. */
    public long deviceNumber() {
        return 0;
    }

    public abstract Stat stat(Caller caller) throws ErrnoException;

    /**
     * What an append did.
     *
     * @param count bytes written
     * @param end the offset behind the last of them
     */
    public record Appended(long count, long end) {}

    /** For {@link #birthNanos}: not known. */
    public static final long UNKNOWN_TIME = Long.MIN_VALUE;

    /** When the file was made, in nanoseconds since 1970, or {@link #UNKNOWN_TIME}. */
    public long birthNanos() {
        return UNKNOWN_TIME;
    }

    /** Bytes in a regular file; other kinds answer what stat shows. */
    public abstract long size() throws ErrnoException;

    public final int type() {
        return mode() & FileMode.S_IFMT;
    }

    public final boolean isDirectory() {
        return type() == FileMode.S_IFDIR;
    }

    public final boolean isSymlink() {
        return type() == FileMode.S_IFLNK;
    }

    public final boolean isRegular() {
        return type() == FileMode.S_IFREG;
    }

    /** {@code DT_*} of the file. */
    public final int direntType() {
        return mode() >>> 12 & 15;
    }

    /** Record locks and flock locks on this file. */
    public final FileLocks locks() {
        FileLocks known = locks;
        if (known != null) {
            return known;
        }
        synchronized (this) {
            known = locks;
            if (known == null) {
                known = new FileLocks(fileSystem().vfs());
                locks = known;
            }
            return known;
        }
    }

    /** The locks if this file ever had any. */
    public final @Nullable FileLocks findLocks() {
        return locks;
    }

    public final @Nullable Savable attachment() {
        return attachment;
    }

    public final void setAttachment(@Nullable Savable attachment) {
        this.attachment = attachment;
    }

    // Watchers.

    /** Whether no name is left in any directory. */
    public boolean isNameless() {
        return false;
    }

    /** Counts a description that was opened by path. */
    final void countOpen(int change) {
        OPEN_COUNT.addAndGet(this, change);
    }

    final int openCount() {
        return openCount;
    }

    /** Who watches this file hears from now on. */
    public final void addWatcher(InodeWatcher watcher) {
        KernelLock lock = fileSystem().vfs().watcherLock();
        lock.lock();
        try {
            ArrayList<InodeWatcher> next =
                    watchers == null ? new ArrayList<>() : new ArrayList<>(watchers);
            next.add(watcher);
            watchers = next;
        } finally {
            lock.unlock();
        }
        fileSystem().vfs().countWatchers(1);
    }

    public final void removeWatcher(InodeWatcher watcher) {
        KernelLock lock = fileSystem().vfs().watcherLock();
        lock.lock();
        try {
            ArrayList<InodeWatcher> known = watchers;
            if (known == null) {
                return;
            }
            ArrayList<InodeWatcher> next = new ArrayList<>(known);
            if (!next.removeIf(one -> one == watcher)) {
                return;
            }
            watchers = next.isEmpty() ? null : next;
        } finally {
            lock.unlock();
        }
        fileSystem().vfs().countWatchers(-1);
    }

    /** Its contents have changed by themselves: who watches it or its directory hears of it. */
    protected final void contentsChanged(Inode directory, String name) {
        if (fileSystem().vfs().hasWatchers()) {
            directory.tellWatchers(InotifyFlags.IN_MODIFY, 0, name, false);
            tellWatchers(InotifyFlags.IN_MODIFY, 0, null, false);
        }
    }

    final void tellWatchers(int mask, int cookie, @Nullable String name, boolean nameRemoved) {
        ArrayList<InodeWatcher> now = watchers;
        if (now != null) {
            for (InodeWatcher watcher : now) {
                watcher.notify(mask, cookie, name, nameRemoved);
            }
        }
    }

    // Permissions.

    /**
     * Checks permission as Linux inode_permission; the default is generic_permission over mode,
     * owner and group.
     *
     * @param mask of {@code MAY_*}
     */
    public void checkPermission(Caller caller, int mask) throws ErrnoException {
        Permissions.check(caller.credentials(), this, mask);
    }

    // Directories.

    /** Finds an entry; null when there is none. Never called with "." or "..". */
    public @Nullable Inode lookup(Caller caller, String name) throws ErrnoException {
        throw Errno.ENOTDIR.error();
    }

    /**
     * Whether an entry found before still is what the name means; false makes the walk look it up
     * again. Only file systems whose trees change without calls from here ({@link
     * FileSystem#volatileTree}) are asked.
     */
    public boolean stillNames(Caller caller, String name, Inode child) throws ErrnoException {
        return true;
    }

    /**
     * After a restore: something is mounted here. What lies outside of the image and is gone is
     * made anew, empty, as the mount could not be reached else.
     */
    public void restorePlace() throws ErrnoException {}

    /** Makes a regular file, FIFO, socket or device file (not a directory, not a symbolic link). */
    public Inode create(Caller caller, String name, NewInode attributes) throws ErrnoException {
        throw Errno.EPERM.error();
    }

    public Inode makeDirectory(Caller caller, String name, NewInode attributes)
            throws ErrnoException {
        throw Errno.EPERM.error();
    }

    public Inode makeSymlink(Caller caller, String name, String target, NewInode attributes)
            throws ErrnoException {
        throw Errno.EPERM.error();
    }

    /** Makes a regular file without a name (O_TMPFILE); this is the directory. */
    public Inode createUnnamed(Caller caller, NewInode attributes) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    public void link(Caller caller, String name, Inode target) throws ErrnoException {
        throw Errno.EPERM.error();
    }

    /** Removes the name of anything but a directory. */
    public void unlink(Caller caller, String name, Inode victim) throws ErrnoException {
        throw Errno.EPERM.error();
    }

    public void removeDirectory(Caller caller, String name, Inode victim) throws ErrnoException {
        throw Errno.EPERM.error();
    }

    /**
     * Renames an entry of this directory. Types of {@code moved} and {@code replaced} go together,
     * and neither directory is an ancestor in the wrong place: that is checked. An inode replaced
     * must be an empty directory or no directory.
     *
     * @param flags RENAME_EXCHANGE, RENAME_WHITEOUT or 0 (RENAME_NOREPLACE is done)
     */
    public void rename(
            Caller caller,
            String oldName,
            Inode moved,
            Inode newDirectory,
            String newName,
            @Nullable Inode replaced,
            int flags)
            throws ErrnoException {
        throw Errno.EPERM.error();
    }

    /**
     * All entries of a directory but "." and "..", for directories that are listed as a whole
     * ({@link ListingFile}).
     */
    public List<ListedEntry> listAll(Caller caller) throws ErrnoException {
        List<ListedEntry> all = new ArrayList<>();
        list(
                caller,
                0,
                (name, inode, nextPosition, type) ->
                        all.add(new ListedEntry(RawName.of(name), inode, type)));
        return all;
    }

    /**
     * Lists a directory from a position on, until the sink refuses an entry. "." and ".." are not
     * among them. Positions start at 2 and rise; each entry's next position is where the entry
     * behind it would be found.
     */
    public void list(Caller caller, long position, FileDescription.EntrySink sink)
            throws ErrnoException {
        throw Errno.ENOTDIR.error();
    }

    // Symbolic links.

    public String readLink(Caller caller) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /**
     * Whether following this link goes straight to a file rather than over its text (proc's fd,
     * exe, cwd, root, ns).
     */
    public boolean isMagicLink() {
        return false;
    }

    /** Where a magic link leads. */
    public Location followMagicLink(Caller caller) throws ErrnoException {
        throw Errno.ELOOP.error();
    }

    // Opening and contents.

    /**
     * Opens the file. Permission is checked, O_CREAT, O_EXCL and O_TRUNC are dealt with by the
     * caller. May sleep (FIFOs).
     *
     * @param flags access mode and status flags
     */
    public abstract FileDescription open(Caller caller, Location location, int flags)
            throws ErrnoException;

    /**
     * Told before an open for writing, with no lock held. {@code truncates}: the contents are about
     * to go (O_TRUNC).
     */
    public void prepareWriting(Caller caller, boolean truncates) throws ErrnoException {}

    /**
     * Told that an open description of a regular file came into being; nameless files live as long
     * as these.
     */
    public void opened() throws ErrnoException {}

    /** Told that an open description of a regular file is gone. */
    public void closed() {}

    /** Whether a file without a name may be given one: those of O_TMPFILE that never had one. */
    public boolean mayGetName() {
        return false;
    }

    /** Reads contents; 0 at or behind the end. */
    public long readAt(Caller caller, UserBuffer target, long offset) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /** Writes contents; RLIMIT_FSIZE and removal of set-id bits are done by the caller. */
    public long writeAt(Caller caller, UserBuffer source, long offset) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /** Writes at the end, as one step. */
    public Appended append(Caller caller, UserBuffer source) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    public void truncate(Caller caller, long sizeBytes) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /** fallocate(2) with a mode that is among the known ones and a range that is valid. */
    public void allocate(Caller caller, int mode, long offset, long lengthBytes)
            throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    /**
     * SEEK_DATA and SEEK_HOLE; the default is a file without holes. {@code offset} lies before the
     * end.
     */
    public long seekData(long offset) throws ErrnoException {
        return offset;
    }

    public long seekHole(long offset) throws ErrnoException {
        return size();
    }

    public void sync(Caller caller, boolean dataOnly) throws ErrnoException {}

    /** Whether guests may write through shared mappings; read-only ones are always fine. */
    public boolean allowsSharedWrites() {
        return true;
    }

    /** Notes where the file was found that somebody maps. */
    final void noteMapping(Location location) {
        mappedFrom = location;
    }

    /**
     * For {@link Mappable#mappedName}: the present path of the place it was mapped from; empty when
     * it never was.
     */
    protected final String mappedPath() {
        Location location = mappedFrom;
        if (location == null) {
            return "";
        }
        Mount mount = location.mount();
        MountNamespace namespace = mount.namespace();
        Location root =
                namespace == null ? new Location(mount, mount.root()) : namespace.rootLocation();
        return MountListing.path(location, root);
    }

    /** What mmap maps. */
    public Mappable mappable() throws ErrnoException {
        throw Errno.ENODEV.error();
    }

    // Attributes.

    /** Changes attributes and sets the change time. */
    public abstract void changeAttributes(Caller caller, AttributeChange change)
            throws ErrnoException;

    /**
     * Notes an access (reads of files, directories and links) under the rules of the mount's atime
     * options.
     */
    public void accessed(Mount mount) {}

    /**
     * Returns the value of an extended attribute. ENODATA when it is not there, EOPNOTSUPP where
     * there are none.
     */
    public byte[] getXattr(Caller caller, String name) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    /**
     * @param flags XATTR_CREATE, XATTR_REPLACE or 0
     */
    public void setXattr(Caller caller, String name, byte[] value, int flags)
            throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    public void removeXattr(Caller caller, String name) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    public List<String> listXattrs(Caller caller) throws ErrnoException {
        return List.of();
    }

    /**
     * Whether the file has {@link #XATTR_CAPABILITY}; asked on every write, so it must be quick.
     */
    public boolean hasFileCapabilities() {
        return false;
    }

    // Writers and running programs.

    /** Counts a description open for writing. ETXTBSY while the file is being run. */
    public final void beginWriting() throws ErrnoException {
        int count;
        do {
            count = writeCount;
            if (count < 0) {
                throw Errno.ETXTBSY.error();
            }
        } while (!WRITE_COUNT.compareAndSet(this, count, count + 1));
    }

    public final void endWriting() {
        WRITE_COUNT.decrementAndGet(this);
    }

    /** Forbids writers while a program runs from this file. ETXTBSY when there are some. */
    public final void denyWriting() throws ErrnoException {
        int count;
        do {
            count = writeCount;
            if (count > 0) {
                throw Errno.ETXTBSY.error();
            }
        } while (!WRITE_COUNT.compareAndSet(this, count, count - 1));
    }

    public final void allowWriting() {
        WRITE_COUNT.incrementAndGet(this);
    }
}
