package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import java.util.Arrays;

/**
 * Copies between two descriptors without the guest's memory (Linux fs/splice.c,
 * vfs_copy_file_range).
 */
final class Transfers {
    /** Bytes moved at a time. */
    private static final int CHUNK = 64 * 1024;

    /** Most bytes one call moves (Linux MAX_RW_COUNT). */
    private static final long MAX_BYTES = 0x7ffff000;

    private Transfers() {}

    /**
     * A place in a file: a position in the guest's memory, or the file's own when the address is 0.
     */
    static final class Position {
        private final Task task;
        private final FileDescription file;
        private final long address;
        long at;

        Position(Task task, FileDescription file, long address) throws ErrnoException {
            this.task = task;
            this.file = file;
            this.address = address;
            at =
                    address != 0
                            ? task.memory().readLong(address)
                            : file.seek(task, 0, SeekWhence.SEEK_CUR);
            if (at < 0) {
                throw Errno.EINVAL.error();
            }
        }

        void store() throws ErrnoException {
            if (address != 0) {
                task.memory().writeLong(address, at);
            } else {
                file.seek(task, at, SeekWhence.SEEK_SET);
            }
        }
    }

    /** Takes bytes that were read. Returns how many; the rest is read again later. */
    interface Sink {
        long write(UserBuffer data) throws ErrnoException;
    }

    /** Copies from a position on until the count, the end, or a sink that takes no more. */
    static long copy(Task task, Position from, long count, Sink sink) throws ErrnoException {
        long total = 0;
        byte[] chunk = new byte[(int) Math.min(CHUNK, Math.max(count, 1))];
        while (total < count) {
            int wanted = (int) Math.min(chunk.length, count - total);
            long read = from.file.readAt(task, UserBuffer.of(chunkOf(chunk, wanted)), from.at);
            if (read == 0) {
                break;
            }
            long written;
            try {
                written = sink.write(UserBuffer.of(chunkOf(chunk, (int) read)));
            } catch (ErrnoException e) {
                if (total > 0) {
                    break;
                }
                throw e;
            }
            total += written;
            from.at += written;
            if (written < read) {
                break;
            }
        }
        return total;
    }

    private static byte[] chunkOf(byte[] chunk, int length) {
        return length == chunk.length ? chunk : Arrays.copyOf(chunk, length);
    }

    /**
     * Writes to whatever it is; a wait that is cut short after some bytes ends the transfer there.
     */
    static long writeWaiting(Task task, FileDescription file, UserBuffer data)
            throws ErrnoException {
        try {
            return task.blocking().write(file, data);
        } catch (InterruptedSyscall interrupted) {
            long done = task.blocking().progress();
            task.blocking().setProgress(0);
            if (done > 0) {
                return done;
            }
            throw interrupted;
        }
    }

    static long sendfile(Task task, Args args) throws ErrnoException {
        FileDescription in = task.files().requireReadable(args.integer(1));
        FileDescription out = task.files().requireWritable(args.integer(0));
        if (!in.isSeekable()) {
            throw (args.address(2) != 0 ? Errno.ESPIPE : Errno.EINVAL).error();
        }
        if ((out.statusFlags() & OpenFlags.O_APPEND) != 0 || args.size(3) < 0) {
            throw Errno.EINVAL.error();
        }
        Position from = new Position(task, in, args.address(2));
        long count = Math.min(args.size(3), MAX_BYTES);
        long total = copy(task, from, count, data -> writeWaiting(task, out, data));
        from.store();
        return total;
    }

    static long copy_file_range(Task task, Args args) throws ErrnoException {
        FileDescription in = task.files().requireReadable(args.integer(0));
        FileDescription out = task.files().requireWritable(args.integer(2));
        if (args.integer(5) != 0) {
            throw Errno.EINVAL.error();
        }
        Inode source = requireRegular(in);
        Inode target = requireRegular(out);
        if ((out.statusFlags() & OpenFlags.O_APPEND) != 0) {
            throw Errno.EBADF.error();
        }
        Position from = new Position(task, in, args.address(1));
        Position to = new Position(task, out, args.address(3));
        long count = Math.min(args.size(4) < 0 ? MAX_BYTES : args.size(4), MAX_BYTES);
        if (source == target && from.at < to.at + count && to.at < from.at + count && count > 0) {
            throw Errno.EINVAL.error();
        }
        long total =
                copy(
                        task,
                        from,
                        count,
                        data -> {
                            long written = out.writeAt(task, data, to.at);
                            to.at += written;
                            return written;
                        });
        from.store();
        to.store();
        return total;
    }

    private static Inode requireRegular(FileDescription file) throws ErrnoException {
        Inode inode = file.inode();
        if (inode != null && inode.isDirectory()) {
            throw Errno.EISDIR.error();
        }
        if (inode == null || !inode.isRegular()) {
            throw Errno.EINVAL.error();
        }
        return inode;
    }
}
