package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.AbiStruct;
import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.DeviceNumber;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Statx;
import dev.runsc.gofer.abi.StatxMasks;
import dev.runsc.gofer.abi.StatxTimestamp;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.AttributeOperations;
import dev.runsc.kernel.vfs.CallerAs;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MemoryInode;
import dev.runsc.kernel.vfs.PathWalk;
import org.jspecify.annotations.Nullable;

/** Attributes by descriptor and by path (Linux fs/stat.c, fs/statfs.c, fs/open.c, fs/utimes.c). */
final class Attributes {
    private static final int STAT_FLAGS =
            AtFlags.AT_SYMLINK_NOFOLLOW
                    | AtFlags.AT_NO_AUTOMOUNT
                    | AtFlags.AT_EMPTY_PATH
                    | AtFlags.AT_STATX_SYNC_TYPE;
    private static final int CHANGE_FLAGS = AtFlags.AT_SYMLINK_NOFOLLOW | AtFlags.AT_EMPTY_PATH;
    private static final int ACCESS_MASK = Inode.MAY_READ | Inode.MAY_WRITE | Inode.MAY_EXEC;

    /** utimensat(2): nanoseconds that mean the present, and no change. */
    private static final long UTIME_NOW = 0x3fffffff;

    private static final long UTIME_OMIT = 0x3ffffffe;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final int TIME_BYTES = 16;

    private Attributes() {}

    // Stat.

    static long fstat(Task task, Args args) throws ErrnoException {
        return put(
                task,
                args.address(1),
                shown(task, task.files().requireAny(args.integer(0)).stat(task)));
    }

    static long stat(Task task, Args args) throws ErrnoException {
        return put(task, args.address(1), stat(task, AtFlags.AT_FDCWD, args.address(0), 0));
    }

    static long lstat(Task task, Args args) throws ErrnoException {
        int flags = AtFlags.AT_SYMLINK_NOFOLLOW;
        return put(task, args.address(1), stat(task, AtFlags.AT_FDCWD, args.address(0), flags));
    }

    static long newfstatat(Task task, Args args) throws ErrnoException {
        int flags = args.integer(3);
        Paths.requireKnown(flags, STAT_FLAGS);
        return put(task, args.address(2), stat(task, args.integer(0), args.address(1), flags));
    }

    private static Stat stat(Task task, int fd, long pathAddress, int flags) throws ErrnoException {
        Subject subject = subject(task, fd, pathAddress, flags);
        return stat(task, subject);
    }

    private static Stat stat(Task task, Subject subject) throws ErrnoException {
        return shown(
                task,
                subject.file != null
                        ? subject.file.stat(task)
                        : subject.location().inode().stat(task));
    }

    /** With the ids that the caller's user namespace has for owner and group. */
    private static Stat shown(Task task, Stat stat) {
        UserNamespace users = task.credentials().namespace();
        return users.isFirst()
                ? stat
                : stat.withOwner(users.shownUid(stat.uid()), users.shownGid(stat.gid()));
    }

    /** What a stat call is about: a place, or a description without one. */
    private record Subject(@Nullable Location place, @Nullable FileDescription file) {
        Location location() {
            if (place == null) {
                throw new IllegalStateException("a file without a place");
            }
            return place;
        }
    }

    private static Subject subject(Task task, int fd, long pathAddress, int flags)
            throws ErrnoException {
        boolean mayBeEmpty = (flags & AtFlags.AT_EMPTY_PATH) != 0;
        String path = mayBeEmpty && pathAddress == 0 ? "" : Paths.path(task, pathAddress);
        if (path.isEmpty() && mayBeEmpty && fd != AtFlags.AT_FDCWD) {
            FileDescription file = task.files().requireAny(fd);
            return new Subject(file.location(), file);
        }
        Location start = Directories.start(task, fd, path);
        return new Subject(PathWalk.find(task, start, path, Paths.walkFlags(flags)), null);
    }

    private static long put(Task task, long address, AbiStruct struct) throws ErrnoException {
        task.memory().copyOut(address, struct.toBytes());
        return 0;
    }

    static long statx(Task task, Args args) throws ErrnoException {
        int flags = args.integer(2);
        int mask = args.integer(3);
        boolean bothSyncs = (flags & AtFlags.AT_STATX_SYNC_TYPE) == AtFlags.AT_STATX_SYNC_TYPE;
        if ((mask & StatxMasks.STATX__RESERVED) != 0 || bothSyncs) {
            throw Errno.EINVAL.error();
        }
        Paths.requireKnown(flags, STAT_FLAGS);
        Subject subject = subject(task, args.integer(0), args.address(1), flags);
        Stat stat = stat(task, subject);
        return put(task, args.address(4), statx(stat, subject.place));
    }

    private static Statx statx(Stat stat, @Nullable Location place) {
        int mask = StatxMasks.STATX_BASIC_STATS;
        long attributes = 0;
        long mountId = 0;
        StatxTimestamp birth = new StatxTimestamp(0, 0);
        if (place != null) {
            mask |= StatxMasks.STATX_MNT_ID;
            mountId = place.mount().id();
            attributes =
                    place.dentry() == place.mount().root() ? StatxMasks.STATX_ATTR_MOUNT_ROOT : 0;
            long born = place.inode().birthNanos();
            if (born != Inode.UNKNOWN_TIME) {
                mask |= StatxMasks.STATX_BTIME;
                birth = time(MemoryInode.timespec(born));
            }
        }
        return new Statx(
                mask,
                (int) stat.blockSize(),
                attributes,
                (int) stat.nlink(),
                stat.uid(),
                stat.gid(),
                stat.mode(),
                stat.ino(),
                stat.size(),
                stat.blocks(),
                StatxMasks.STATX_ATTR_MOUNT_ROOT,
                time(stat.atime()),
                birth,
                time(stat.ctime()),
                time(stat.mtime()),
                DeviceNumber.major(stat.rdev()),
                DeviceNumber.minor(stat.rdev()),
                DeviceNumber.major(stat.dev()),
                DeviceNumber.minor(stat.dev()),
                mountId,
                0,
                0);
    }

    private static StatxTimestamp time(Timespec time) {
        return new StatxTimestamp(time.seconds(), (int) time.nanos());
    }

    static long statfs(Task task, Args args) throws ErrnoException {
        Location location = Paths.find(task, AtFlags.AT_FDCWD, args.address(0), PathWalk.FOLLOW);
        return put(task, args.address(1), location.statfs(task));
    }

    static long fstatfs(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().requireAny(args.integer(0));
        return put(task, args.address(1), Paths.vfs(task).locationOf(file).statfs(task));
    }

    // Access.

    static long access(Task task, Args args) throws ErrnoException {
        return access(task, AtFlags.AT_FDCWD, args.address(0), args.integer(1), 0);
    }

    static long faccessat(Task task, Args args) throws ErrnoException {
        return access(task, args.integer(0), args.address(1), args.integer(2), 0);
    }

    static long faccessat2(Task task, Args args) throws ErrnoException {
        return access(task, args.integer(0), args.address(1), args.integer(2), args.integer(3));
    }

    private static long access(Task task, int fd, long pathAddress, int mask, int flags)
            throws ErrnoException {
        Paths.requireKnown(mask, ACCESS_MASK);
        Paths.requireKnown(flags, AtFlags.AT_EACCESS | CHANGE_FLAGS);
        CallerAs real = CallerAs.real(task);
        CallerAs asked =
                (flags & AtFlags.AT_EACCESS) != 0 ? new CallerAs(task, task.credentials()) : real;
        String path = Paths.path(task, pathAddress);
        Location start = Directories.start(task, fd, path);
        Location location = PathWalk.find(asked, start, path, Paths.walkFlags(flags));
        AttributeOperations.checkAccess(asked, location, mask);
        return 0;
    }

    // Mode and owner.

    static long chmod(Task task, Args args) throws ErrnoException {
        Location location = Paths.find(task, AtFlags.AT_FDCWD, args.address(0), PathWalk.FOLLOW);
        AttributeOperations.chmod(task, location, args.integer(1));
        return 0;
    }

    static long fchmod(Task task, Args args) throws ErrnoException {
        AttributeOperations.chmod(task, descriptor(task, args.integer(0)), args.integer(1));
        return 0;
    }

    static long fchmodat(Task task, Args args) throws ErrnoException {
        Location location = Paths.findAt(task, args.integer(0), args.address(1), 0);
        AttributeOperations.chmod(task, location, args.integer(2));
        return 0;
    }

    static long fchmodat2(Task task, Args args) throws ErrnoException {
        int flags = args.integer(3);
        Paths.requireKnown(flags, CHANGE_FLAGS);
        Location location = Paths.findAt(task, args.integer(0), args.address(1), flags);
        AttributeOperations.chmod(task, location, args.integer(2));
        return 0;
    }

    private static Location descriptor(Task task, int fd) throws ErrnoException {
        return Paths.vfs(task).locationOf(task.files().require(fd));
    }

    static long chown(Task task, Args args) throws ErrnoException {
        Location location = Paths.find(task, AtFlags.AT_FDCWD, args.address(0), PathWalk.FOLLOW);
        chown(task, location, args.integer(1), args.integer(2));
        return 0;
    }

    /** The ids are those of the caller's user namespace; EINVAL without a mapping. */
    private static void chown(Task task, Location location, int uid, int gid)
            throws ErrnoException {
        UserNamespace users = task.credentials().namespace();
        AttributeOperations.chown(
                task,
                location,
                uid == AttributeOperations.UNCHANGED ? uid : users.requireUid(uid),
                gid == AttributeOperations.UNCHANGED ? gid : users.requireGid(gid));
    }

    static long lchown(Task task, Args args) throws ErrnoException {
        Location location = Paths.find(task, AtFlags.AT_FDCWD, args.address(0), 0);
        chown(task, location, args.integer(1), args.integer(2));
        return 0;
    }

    static long fchown(Task task, Args args) throws ErrnoException {
        chown(task, descriptor(task, args.integer(0)), args.integer(1), args.integer(2));
        return 0;
    }

    static long fchownat(Task task, Args args) throws ErrnoException {
        int flags = args.integer(4);
        Paths.requireKnown(flags, CHANGE_FLAGS);
        Location location = Paths.findAt(task, args.integer(0), args.address(1), flags);
        chown(task, location, args.integer(2), args.integer(3));
        return 0;
    }

    static long truncate(Task task, Args args) throws ErrnoException {
        if (args.longValue(1) < 0) {
            throw Errno.EINVAL.error();
        }
        Location location = Paths.find(task, AtFlags.AT_FDCWD, args.address(0), PathWalk.FOLLOW);
        AttributeOperations.truncate(task, location, args.longValue(1));
        return 0;
    }

    // Times.

    static long utime(Task task, Args args) throws ErrnoException {
        Location location = Paths.find(task, AtFlags.AT_FDCWD, args.address(0), PathWalk.FOLLOW);
        long times = args.address(1);
        if (times == 0) {
            AttributeOperations.setTimes(
                    task, location, AttributeOperations.NOW, AttributeOperations.NOW);
            return 0;
        }
        long access = MemoryInode.nanos(new Timespec(task.memory().readLong(times), 0));
        long modify =
                MemoryInode.nanos(new Timespec(task.memory().readLong(times + Long.BYTES), 0));
        AttributeOperations.setTimes(task, location, access, modify);
        return 0;
    }

    static long utimes(Task task, Args args) throws ErrnoException {
        return setMicroTimes(task, AtFlags.AT_FDCWD, args.address(0), args.address(1));
    }

    static long futimesat(Task task, Args args) throws ErrnoException {
        return setMicroTimes(task, args.integer(0), args.address(1), args.address(2));
    }

    private static long setMicroTimes(Task task, int fd, long pathAddress, long times)
            throws ErrnoException {
        long access = AttributeOperations.NOW;
        long modify = AttributeOperations.NOW;
        if (times != 0) {
            access = readMicroTime(task, times);
            modify = readMicroTime(task, times + TIME_BYTES);
        }
        Location location =
                pathAddress == 0 ? descriptor(task, fd) : Paths.findAt(task, fd, pathAddress, 0);
        AttributeOperations.setTimes(task, location, access, modify);
        return 0;
    }

    private static long readMicroTime(Task task, long address) throws ErrnoException {
        long seconds = task.memory().readLong(address);
        long micros = task.memory().readLong(address + Long.BYTES);
        if (micros < 0 || micros >= 1_000_000) {
            throw Errno.EINVAL.error();
        }
        return MemoryInode.nanos(new Timespec(seconds, micros * 1000));
    }

    static long utimensat(Task task, Args args) throws ErrnoException {
        int flags = args.integer(3);
        Paths.requireKnown(flags, CHANGE_FLAGS);
        long times = args.address(2);
        long access = AttributeOperations.NOW;
        long modify = AttributeOperations.NOW;
        if (times != 0) {
            access = readTime(task, times);
            modify = readTime(task, times + TIME_BYTES);
        }
        if (access == AttributeOperations.OMIT && modify == AttributeOperations.OMIT) {
            return 0;
        }
        Location location;
        if (args.address(1) != 0) {
            location = Paths.findAt(task, args.integer(0), args.address(1), flags);
        } else if (args.integer(0) == AtFlags.AT_FDCWD) {
            throw Errno.EFAULT.error();
        } else if ((flags & AtFlags.AT_SYMLINK_NOFOLLOW) != 0) {
            throw Errno.EINVAL.error();
        } else {
            location = descriptor(task, args.integer(0));
        }
        AttributeOperations.setTimes(task, location, access, modify);
        return 0;
    }

    private static long readTime(Task task, long address) throws ErrnoException {
        long seconds = task.memory().readLong(address);
        long nanos = task.memory().readLong(address + Long.BYTES);
        if (nanos == UTIME_NOW) {
            return AttributeOperations.NOW;
        }
        if (nanos == UTIME_OMIT) {
            return AttributeOperations.OMIT;
        }
        if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
            throw Errno.EINVAL.error();
        }
        return MemoryInode.nanos(new Timespec(seconds, nanos));
    }
}
