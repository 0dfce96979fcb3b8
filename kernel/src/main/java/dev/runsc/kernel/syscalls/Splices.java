package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SpliceFlags;
import dev.runsc.kernel.fs.pipe.PipeEnd;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.FileDescription;
import java.util.Arrays;

/**
 * Moves bytes into and out of pipes (Linux fs/splice.c). Bytes are copied; none is ever held while
 * a call sleeps, so that a call that is cut short loses nothing.
 */
final class Splices {
    private static final int CHUNK = 64 * 1024;

    /** Most bytes one call moves (Linux MAX_RW_COUNT). */
    private static final long MAX_BYTES = 0x7ffff000;

    /** A pipe that polls as writable has room for this much. */
    private static final int PIPE_ROOM = 4096;

    private static final int FLAGS =
            SpliceFlags.SPLICE_F_MOVE
                    | SpliceFlags.SPLICE_F_NONBLOCK
                    | SpliceFlags.SPLICE_F_MORE
                    | SpliceFlags.SPLICE_F_GIFT;
    private static final int IN_EVENTS =
            PollEvents.POLLIN | PollEvents.POLLHUP | PollEvents.POLLERR;
    private static final int OUT_EVENTS =
            PollEvents.POLLOUT | PollEvents.POLLHUP | PollEvents.POLLERR;

    private Splices() {}

    private static long bounded(long size) {
        return size < 0 ? MAX_BYTES : Math.min(size, MAX_BYTES);
    }

    /** Sleeps until the file may be ready; EAGAIN when the caller or the file does not wait. */
    private static void await(Task task, FileDescription file, int events, boolean wait)
            throws ErrnoException {
        if (!wait || file.isNonBlocking()) {
            throw Errno.EAGAIN.error();
        }
        task.blocking()
                .untilDone(
                        file,
                        events,
                        () -> (file.readiness() & events) != 0 ? 0 : FileDescription.WOULD_BLOCK);
    }

    /** splice(2): one side at least is a pipe. */
    static long splice(Task task, Args args) throws ErrnoException {
        if (args.size(4) == 0) {
            return 0;
        }
        Paths.requireKnown(args.integer(5), FLAGS);
        FileDescription in = task.files().requireReadable(args.integer(0));
        FileDescription out = task.files().requireWritable(args.integer(2));
        boolean wait = (args.integer(5) & SpliceFlags.SPLICE_F_NONBLOCK) == 0;
        long count = bounded(args.size(4));
        if (in instanceof PipeEnd && args.address(1) != 0
                || out instanceof PipeEnd && args.address(3) != 0) {
            throw Errno.ESPIPE.error();
        }
        if (in instanceof PipeEnd pipe) {
            if (out instanceof PipeEnd other && pipe.isSamePipe(other)) {
                throw Errno.EINVAL.error();
            }
            return fromPipe(task, pipe, out, args.address(3), count, wait);
        }
        if (!(out instanceof PipeEnd target)) {
            throw Errno.EINVAL.error();
        }
        if (!in.isSeekable()) {
            return fromStream(task, in, target, count, wait);
        }
        Transfers.Position from = new Transfers.Position(task, in, args.address(1));
        long total = Transfers.copy(task, from, count, data -> put(task, target, data, wait));
        from.store();
        return total;
    }

    private static long put(Task task, FileDescription out, UserBuffer data, boolean wait)
            throws ErrnoException {
        if (wait) {
            return Transfers.writeWaiting(task, out, data);
        }
        long written = out.write(task, data);
        if (written == FileDescription.WOULD_BLOCK) {
            throw Errno.EAGAIN.error();
        }
        return written;
    }

    private static long fromPipe(
            Task task, PipeEnd pipe, FileDescription out, long position, long count, boolean wait)
            throws ErrnoException {
        if ((out.statusFlags() & OpenFlags.O_APPEND) != 0) {
            throw Errno.EINVAL.error();
        }
        byte[] chunk = new byte[(int) Math.min(CHUNK, count)];
        while (true) {
            long read = pipe.read(task, UserBuffer.of(chunk));
            if (read == 0) {
                return 0;
            }
            if (read == FileDescription.WOULD_BLOCK) {
                await(task, pipe, IN_EVENTS, wait);
                continue;
            }
            long written = passOn(task, pipe, out, position, Arrays.copyOf(chunk, (int) read));
            if (written != FileDescription.WOULD_BLOCK) {
                return written;
            }
            await(task, out, OUT_EVENTS, wait || !(out instanceof PipeEnd));
        }
    }

    /** Writes what was read from a pipe; what is not taken goes back to its front. */
    private static long passOn(
            Task task, PipeEnd pipe, FileDescription out, long position, byte[] data)
            throws ErrnoException {
        long written = 0;
        try {
            if (out.isSeekable()) {
                Transfers.Position to = new Transfers.Position(task, out, position);
                written = out.writeAt(task, UserBuffer.of(data), to.at);
                to.at += written;
                to.store();
            } else {
                written = out.write(task, UserBuffer.of(data));
            }
            return written;
        } finally {
            int taken = (int) Math.max(0, written);
            if (taken < data.length) {
                pipe.unread(data, taken, data.length - taken);
            }
        }
    }

    /** From a socket or the like: taken when the pipe has room, so that it goes in at once. */
    private static long fromStream(
            Task task, FileDescription in, PipeEnd pipe, long count, boolean wait)
            throws ErrnoException {
        byte[] chunk = new byte[(int) Math.min(PIPE_ROOM, count)];
        while (true) {
            if ((pipe.readiness() & OUT_EVENTS) == 0) {
                await(task, pipe, OUT_EVENTS, wait);
                continue;
            }
            requireReaders(task, pipe);
            long read = in.read(task, UserBuffer.of(chunk));
            if (read == FileDescription.WOULD_BLOCK) {
                await(task, in, IN_EVENTS, true);
                continue;
            }
            pipe.force(chunk, 0, (int) read);
            return read;
        }
    }

    /** EPIPE, and its signal, when nobody reads the pipe. */
    private static void requireReaders(Task task, PipeEnd pipe) throws ErrnoException {
        if ((pipe.readiness() & PollEvents.POLLERR) != 0) {
            task.blocking().write(pipe, UserBuffer.of(new byte[1]));
        }
    }

    /** tee(2): copies from one pipe to another and takes nothing. */
    static long tee(Task task, Args args) throws ErrnoException {
        Paths.requireKnown(args.integer(3), FLAGS);
        if (args.size(2) == 0) {
            return 0;
        }
        FileDescription in = task.files().requireReadable(args.integer(0));
        FileDescription out = task.files().requireWritable(args.integer(1));
        if (!(in instanceof PipeEnd from) || !(out instanceof PipeEnd to) || from.isSamePipe(to)) {
            throw Errno.EINVAL.error();
        }
        boolean wait = (args.integer(3) & SpliceFlags.SPLICE_F_NONBLOCK) == 0;
        long count = bounded(args.size(2));
        byte[] chunk = new byte[(int) Math.min(CHUNK, count)];
        while (true) {
            long read = from.peek(UserBuffer.of(chunk));
            if (read == 0) {
                return 0;
            }
            if (read == FileDescription.WOULD_BLOCK) {
                await(task, from, IN_EVENTS, wait);
                continue;
            }
            long written = to.write(task, UserBuffer.of(Arrays.copyOf(chunk, (int) read)));
            if (written != FileDescription.WOULD_BLOCK) {
                return written;
            }
            await(task, to, OUT_EVENTS, wait);
        }
    }

    /** vmsplice(2): pages are copied, which is what a guest may count on. */
    static long vmsplice(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().require(args.integer(0));
        Paths.requireKnown(args.integer(3), FLAGS);
        if (!(file instanceof PipeEnd)) {
            throw Errno.EBADF.error();
        }
        UserBuffer buffer =
                task.memory().buffer(task.memory().readIovecs(args.address(1), args.integer(2)));
        boolean wait = (args.integer(3) & SpliceFlags.SPLICE_F_NONBLOCK) == 0;
        if (!file.isWritable()) {
            return wait ? task.blocking().read(file, buffer) : orAgain(file.read(task, buffer));
        }
        return wait ? task.blocking().write(file, buffer) : orAgain(file.write(task, buffer));
    }

    private static long orAgain(long result) throws ErrnoException {
        if (result == FileDescription.WOULD_BLOCK) {
            throw Errno.EAGAIN.error();
        }
        return result;
    }
}
