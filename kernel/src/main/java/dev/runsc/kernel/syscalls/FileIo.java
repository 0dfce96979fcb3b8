package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.gofer.abi.SpliceFlags;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.Inode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reading, writing and what else goes by descriptor and position (Linux fs/read_write.c, fs/sync.c,
 * fs/readdir.c).
 */
final class FileIo {
    /** Offset that means the file's own position in preadv2(2) and pwritev2(2). */
    private static final long OWN_POSITION = -1;

    /** Most bytes of directory entries that one call collects. */
    private static final int MAX_LISTING = 256 * 1024;

    private static final int SYNC_FILE_RANGE_ALL =
            SpliceFlags.SYNC_FILE_RANGE_WAIT_BEFORE
                    | SpliceFlags.SYNC_FILE_RANGE_WRITE
                    | SpliceFlags.SYNC_FILE_RANGE_WAIT_AFTER;

    private FileIo() {}

    // Read and write.

    /** read(2). */
    static long read(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().requireReadable(args.integer(0));
        return task.blocking().read(file, task.memory().buffer(args.address(1), args.size(2)));
    }

    /** write(2). */
    static long write(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().requireWritable(args.integer(0));
        return task.blocking().write(file, task.memory().buffer(args.address(1), args.size(2)));
    }

    static long pread64(Task task, Args args) throws ErrnoException {
        requirePosition(args.longValue(3));
        FileDescription file = task.files().requireReadable(args.integer(0));
        UserBuffer target = task.memory().buffer(args.address(1), args.size(2));
        return readAt(task, file, target, args.longValue(3));
    }

    static long pwrite64(Task task, Args args) throws ErrnoException {
        requirePosition(args.longValue(3));
        FileDescription file = task.files().requireWritable(args.integer(0));
        UserBuffer source = task.memory().buffer(args.address(1), args.size(2));
        return writeAt(task, file, source, args.longValue(3));
    }

    private static void requirePosition(long offset) throws ErrnoException {
        if (offset < 0) {
            throw Errno.EINVAL.error();
        }
    }

    static long readv(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().requireReadable(args.integer(0));
        return task.blocking().read(file, vector(task, args));
    }

    static long writev(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().requireWritable(args.integer(0));
        return task.blocking().write(file, vector(task, args));
    }

    static long preadv(Task task, Args args) throws ErrnoException {
        requirePosition(args.longValue(3));
        FileDescription file = task.files().requireReadable(args.integer(0));
        return readAt(task, file, vector(task, args), args.longValue(3));
    }

    static long pwritev(Task task, Args args) throws ErrnoException {
        requirePosition(args.longValue(3));
        FileDescription file = task.files().requireWritable(args.integer(0));
        return writeAt(task, file, vector(task, args), args.longValue(3));
    }

    /** preadv2(2): RWF_HIPRI and RWF_NOWAIT ask for speed that is there anyway. */
    static long preadv2(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().requireReadable(args.integer(0));
        int known = SpliceFlags.RWF_HIPRI | SpliceFlags.RWF_NOWAIT;
        if ((args.integer(5) & ~known) != 0) {
            throw Errno.EOPNOTSUPP.error();
        }
        long offset = args.longValue(3);
        UserBuffer target = vector(task, args);
        if (offset == OWN_POSITION) {
            return task.blocking().read(file, target);
        }
        requirePosition(offset);
        return readAt(task, file, target, offset);
    }

    static long pwritev2(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().requireWritable(args.integer(0));
        int flags = args.integer(5);
        int known = SpliceFlags.RWF_HIPRI | SpliceFlags.RWF_DSYNC | SpliceFlags.RWF_SYNC;
        if ((flags & ~known) != 0) {
            throw Errno.EOPNOTSUPP.error();
        }
        long offset = args.longValue(3);
        UserBuffer source = vector(task, args);
        long count;
        if (offset == OWN_POSITION) {
            count = task.blocking().write(file, source);
        } else {
            requirePosition(offset);
            count = writeAt(task, file, source, offset);
        }
        if ((flags & (SpliceFlags.RWF_DSYNC | SpliceFlags.RWF_SYNC)) != 0) {
            file.sync(task, (flags & SpliceFlags.RWF_SYNC) == 0);
        }
        return count;
    }

    private static long readAt(Task task, FileDescription file, UserBuffer target, long offset)
            throws ErrnoException {
        long count = file.readAt(task, target, offset);
        task.times().countRead(count);
        return count;
    }

    private static long writeAt(Task task, FileDescription file, UserBuffer source, long offset)
            throws ErrnoException {
        long count = file.writeAt(task, source, offset);
        task.times().countWrite(count);
        return count;
    }

    private static UserBuffer vector(Task task, Args args) throws ErrnoException {
        return task.memory().buffer(task.memory().readIovecs(args.address(1), args.integer(2)));
    }

    // Position, size, allocation.

    static long lseek(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().require(args.integer(0));
        int whence = args.integer(2);
        if (whence < 0 || whence > SeekWhence.SEEK_MAX) {
            throw Errno.EINVAL.error();
        }
        return file.seek(task, args.longValue(1), whence);
    }

    static long ftruncate(Task task, Args args) throws ErrnoException {
        if (args.longValue(1) < 0) {
            throw Errno.EINVAL.error();
        }
        task.files().require(args.integer(0)).truncate(task, args.longValue(1));
        return 0;
    }

    static long fallocate(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().require(args.integer(0));
        file.allocate(task, args.integer(1), args.longValue(2), args.longValue(3));
        return 0;
    }

    // Sync and advice.

    static long fsync(Task task, Args args) throws ErrnoException {
        task.files().require(args.integer(0)).sync(task, false);
        return 0;
    }

    static long fdatasync(Task task, Args args) throws ErrnoException {
        task.files().require(args.integer(0)).sync(task, true);
        return 0;
    }

    /** sync(2) cannot fail: what a file system says is dropped, as in Linux. */
    static long sync(Task task, Args args) {
        for (FileSystem fileSystem : Paths.vfs(task).mountedFileSystems()) {
            try {
                fileSystem.sync(task);
            } catch (ErrnoException ignored) {
                // The others are still to be written.
            }
        }
        return 0;
    }

    static long syncfs(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().require(args.integer(0));
        Inode inode = file.inode();
        if (inode != null) {
            inode.fileSystem().sync(task);
        }
        return 0;
    }

    static long sync_file_range(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().require(args.integer(0));
        long offset = args.longValue(1);
        long length = args.longValue(2);
        boolean badRange = offset < 0 || length < 0 || offset + length < 0;
        if (badRange || (args.integer(3) & ~SYNC_FILE_RANGE_ALL) != 0) {
            throw Errno.EINVAL.error();
        }
        if (!file.isSeekable()) {
            throw Errno.ESPIPE.error();
        }
        file.sync(task, true);
        return 0;
    }

    /** posix_fadvise(2): nothing is cached that advice could change. */
    static long fadvise64(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().require(args.integer(0));
        if (isPipe(task, file)) {
            throw Errno.ESPIPE.error();
        }
        int advice = args.integer(3);
        if (args.longValue(2) < 0 || advice < 0 || advice > SpliceFlags.POSIX_FADV_NOREUSE) {
            throw Errno.EINVAL.error();
        }
        return 0;
    }

    static long readahead(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().requireReadable(args.integer(0));
        Inode inode = file.inode();
        if (inode == null || !inode.isRegular()) {
            throw Errno.EINVAL.error();
        }
        return 0;
    }

    static boolean isPipe(Caller caller, FileDescription file) throws ErrnoException {
        return (file.stat(caller).mode() & FileMode.S_IFMT) == FileMode.S_IFIFO;
    }

    // Directories.

    static long getdents64(Task task, Args args) throws ErrnoException {
        return list(task, args, new Entries64());
    }

    static long getdents(Task task, Args args) throws ErrnoException {
        return list(task, args, new EntriesOld());
    }

    private static long list(Task task, Args args, Entries entries) throws ErrnoException {
        FileDescription file = task.files().require(args.integer(0));
        long room = Integer.toUnsignedLong(args.integer(2));
        entries.buffer =
                ByteBuffer.allocate((int) Math.min(room, MAX_LISTING))
                        .order(ByteOrder.LITTLE_ENDIAN);
        file.listEntries(task, entries);
        int length = entries.buffer.position();
        if (length == 0 && entries.refused) {
            throw Errno.EINVAL.error();
        }
        UserBuffer target = task.memory().buffer(args.address(1), length);
        if (length > 0 && target.put(entries.buffer.array(), 0, length) < length) {
            throw Errno.EFAULT.error();
        }
        return length;
    }

    /** Collects entries in the form of one of the two calls. */
    private abstract static class Entries implements FileDescription.EntrySink {
        private static final int ALIGNMENT = 8;

        ByteBuffer buffer = ByteBuffer.allocate(0);
        boolean refused;

        @Override
        public boolean accept(byte[] name, long inode, long nextPosition, int type) {
            int length = recordLength(name.length) + ALIGNMENT - 1 & -ALIGNMENT;
            if (length > buffer.remaining()) {
                refused = true;
                return false;
            }
            int start = buffer.position();
            buffer.putLong(inode).putLong(nextPosition).putShort((short) length);
            fill(name, type, start, length);
            buffer.position(start + length);
            return true;
        }

        abstract int recordLength(int nameLength);

        abstract void fill(byte[] name, int type, int start, int length);
    }

    /** {@code struct linux_dirent64}: the type stands before the name. */
    private static final class Entries64 extends Entries {
        @Override
        int recordLength(int nameLength) {
            return 8 + 8 + 2 + 1 + nameLength + 1;
        }

        @Override
        void fill(byte[] name, int type, int start, int length) {
            buffer.put((byte) type).put(name);
        }
    }

    /** {@code struct linux_dirent}: the type is the record's last byte. */
    private static final class EntriesOld extends Entries {
        @Override
        int recordLength(int nameLength) {
            return 8 + 8 + 2 + nameLength + 2;
        }

        @Override
        void fill(byte[] name, int type, int start, int length) {
            buffer.put(name);
            buffer.put(start + length - 1, (byte) type);
        }
    }
}
