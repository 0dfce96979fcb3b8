package dev.runsc.kernel.vfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.gofer.abi.XattrFlags;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An inode whose attributes are kept here: base of tmpfs, synthetic files, pipes and sockets. */
public abstract class MemoryInode extends Inode {
    private static final long SECOND = 1_000_000_000L;
    private static final long RELATIVE_ATIME_AGE = 24 * 3600 * SECOND;

    /** Guards attributes here and contents in subclasses. */
    protected final KernelLock lock = new KernelLock(LockClass.INODE);

    private final FileSystem fileSystem;
    private final long number;
    private final long deviceNumber;
    private volatile int mode;
    private volatile int uid;
    private volatile int gid;
    private volatile int links = 1;
    private volatile long accessNanos;
    private volatile long modifyNanos;
    private volatile long changeNanos;
    private final long birthNanos;

    @GuardedBy("lock")
    private @Nullable TreeMap<String, byte[]> xattrs;

    private volatile boolean fileCapabilities;

    protected MemoryInode(FileSystem fileSystem, NewInode attributes) {
        this(fileSystem, fileSystem.newInodeNumber(), attributes);
    }

    protected MemoryInode(FileSystem fileSystem, long number, NewInode attributes) {
        this.fileSystem = fileSystem;
        this.number = number;
        this.mode = attributes.mode();
        this.uid = attributes.uid();
        this.gid = attributes.gid();
        this.deviceNumber = attributes.deviceNumber();
        long now = fileSystem.now();
        this.accessNanos = now;
        this.modifyNanos = now;
        this.changeNanos = now;
        this.birthNanos = now;
    }

    @Override
    public final FileSystem fileSystem() {
        return fileSystem;
    }

    @Override
    public final long number() {
        return number;
    }

    @Override
    public int mode() {
        return mode;
    }

    @Override
    public int uid() {
        return uid;
    }

    @Override
    public int gid() {
        return gid;
    }

    @Override
    public final long deviceNumber() {
        return deviceNumber;
    }

    public final int links() {
        return links;
    }

    @Override
    public final boolean isNameless() {
        return links == 0;
    }

    protected final void setLinks(int count) {
        links = count;
    }

    public final long accessNanos() {
        return accessNanos;
    }

    public final long modifyNanos() {
        return modifyNanos;
    }

    public final long changeNanos() {
        return changeNanos;
    }

    @Override
    public final long birthNanos() {
        return birthNanos;
    }

    @Override
    public long size() {
        return 0;
    }

    /** {@code st_blksize}. */
    protected long blockSize() {
        return 4096;
    }

    /** {@code st_blocks}: units of 512 bytes. */
    protected long blocks() {
        return 0;
    }

    @Override
    public Stat stat(Caller caller) throws ErrnoException {
        return new Stat(
                fileSystem.deviceId(),
                number,
                links,
                mode(),
                uid(),
                gid(),
                deviceNumber,
                size(),
                blockSize(),
                blocks(),
                timespec(accessNanos),
                timespec(modifyNanos),
                timespec(changeNanos));
    }

    /** Splits nanoseconds since 1970. */
    public static Timespec timespec(long nanos) {
        return new Timespec(Math.floorDiv(nanos, SECOND), Math.floorMod(nanos, SECOND));
    }

    /** Contents changed: sets modification and change time. */
    protected final void touchModified() {
        long now = fileSystem.now();
        modifyNanos = now;
        changeNanos = now;
    }

    /** Attributes or links changed. */
    protected final void touchChanged() {
        changeNanos = fileSystem.now();
    }

    @Override
    public void accessed(Mount mount) {
        if (mount.has(MountFlags.MS_NOATIME | MountFlags.MS_RDONLY)
                || isDirectory() && mount.has(MountFlags.MS_NODIRATIME)) {
            return;
        }
        long now = fileSystem.now();
        boolean relative = mount.has(MountFlags.MS_RELATIME);
        long access = accessNanos;
        if (!relative
                || access <= modifyNanos
                || access <= changeNanos
                || now - access >= RELATIVE_ATIME_AGE) {
            accessNanos = now;
        }
    }

    @Override
    public void changeAttributes(Caller caller, AttributeChange change) throws ErrnoException {
        lock.lock();
        try {
            if (change.has(AttributeChange.MODE)) {
                mode = mode & FileMode.S_IFMT | change.mode() & 07777;
            }
            if (change.has(AttributeChange.UID)) {
                uid = change.uid();
            }
            if (change.has(AttributeChange.GID)) {
                gid = change.gid();
            }
            if (change.has(AttributeChange.ACCESS_TIME)) {
                accessNanos = change.accessNanos();
            }
            if (change.has(AttributeChange.MODIFY_TIME)) {
                modifyNanos = change.modifyNanos();
            }
            touchChanged();
        } finally {
            lock.unlock();
        }
    }

    /** Takes over another file's attributes and times as they are (copy-up). */
    public final void copyAttributes(Stat from) {
        lock.lock();
        try {
            mode = mode & FileMode.S_IFMT | from.mode() & 07777;
            uid = from.uid();
            gid = from.gid();
            accessNanos = nanos(from.atime());
            modifyNanos = nanos(from.mtime());
            changeNanos = fileSystem.now();
        } finally {
            lock.unlock();
        }
    }

    /** What an image of its file system has of it. */
    public final SavedAttributes attributes() {
        lock.lock();
        try {
            return new SavedAttributes(
                    mode,
                    uid,
                    gid,
                    accessNanos,
                    modifyNanos,
                    changeNanos,
                    xattrs == null ? new TreeMap<>() : new TreeMap<>(xattrs));
        } finally {
            lock.unlock();
        }
    }

    /** Becomes what an image says, as the last thing that is done to it there; its type stays. */
    public final void adopt(SavedAttributes saved) {
        lock.lock();
        try {
            mode = mode & FileMode.S_IFMT | saved.mode() & 07777;
            uid = saved.uid();
            gid = saved.gid();
            accessNanos = saved.accessNanos();
            modifyNanos = saved.modifyNanos();
            changeNanos = saved.changeNanos();
            xattrs = saved.xattrs().isEmpty() ? null : new TreeMap<>(saved.xattrs());
            fileCapabilities = saved.xattrs().containsKey(XATTR_CAPABILITY);
        } finally {
            lock.unlock();
        }
    }

    /** Nanoseconds since 1970, limited to what a long holds (years 1677 to 2262). */
    public static long nanos(Timespec time) {
        long limit = Long.MAX_VALUE / SECOND - 1;
        long seconds = Math.max(-limit, Math.min(limit, time.seconds()));
        return seconds * SECOND + time.nanos();
    }

    // Extended attributes.

    @Override
    public byte[] getXattr(Caller caller, String name) throws ErrnoException {
        byte[] value = findXattr(name);
        if (value == null) {
            throw Errno.ENODATA.error();
        }
        return value.clone();
    }

    /** An extended attribute's value, not to be changed; null when it is not there. */
    public final byte @Nullable [] findXattr(String name) {
        lock.lock();
        try {
            return xattrs == null ? null : xattrs.get(name);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void setXattr(Caller caller, String name, byte[] value, int flags)
            throws ErrnoException {
        lock.lock();
        try {
            TreeMap<String, byte[]> map = xattrs == null ? new TreeMap<>() : xattrs;
            boolean there = map.containsKey(name);
            if (there && (flags & XattrFlags.XATTR_CREATE) != 0) {
                throw Errno.EEXIST.error();
            }
            if (!there && (flags & XattrFlags.XATTR_REPLACE) != 0) {
                throw Errno.ENODATA.error();
            }
            if (!there && listBytesLocked(map) + name.length() + 1 > XattrFlags.XATTR_LIST_MAX) {
                throw Errno.ENOSPC.error();
            }
            map.put(name, value.clone());
            xattrs = map;
            fileCapabilities = map.containsKey(XATTR_CAPABILITY);
            touchChanged();
        } finally {
            lock.unlock();
        }
    }

    private static int listBytesLocked(TreeMap<String, byte[]> map) {
        int total = 0;
        for (String name : map.keySet()) {
            total += name.length() + 1;
        }
        return total;
    }

    @Override
    public void removeXattr(Caller caller, String name) throws ErrnoException {
        lock.lock();
        try {
            if (xattrs == null || xattrs.remove(name) == null) {
                throw Errno.ENODATA.error();
            }
            fileCapabilities = xattrs.containsKey(XATTR_CAPABILITY);
            touchChanged();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean hasFileCapabilities() {
        return fileCapabilities;
    }

    @Override
    public List<String> listXattrs(Caller caller) {
        lock.lock();
        try {
            return xattrs == null ? List.of() : new ArrayList<>(xattrs.keySet());
        } finally {
            lock.unlock();
        }
    }
}
