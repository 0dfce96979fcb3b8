package dev.runsc.kernel.fs.proc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.Waiter;
import dev.runsc.kernel.task.CheckpointRequests;
import dev.runsc.kernel.task.CheckpointRequests.Outcome;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.LocatedFile;
import dev.runsc.kernel.vfs.Location;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An open {@code /proc/gvisor/checkpoint}: writing {@code 1} asks for a save, and reading waits for
 * the first save since the file was opened, or since that was written, and says {@code resume} or
 * {@code restore}, then nothing. A save that fails is EIO. {@code fscheckpoint} beside it does the
 * same for saves of file systems, which nobody is restored from.
 */
final class CheckpointFile extends LocatedFile {
    /** A number and an end of line. */
    private static final int REQUEST_BYTES_MAX = 8;

    private final KernelLock positionLock = new KernelLock(LockClass.FILE_DESCRIPTION);
    private final CheckpointRequests requests;

    /** The attempts that it does not tell of. */
    @GuardedBy("positionLock")
    private long seen;

    /** What it says, once it is known: another save in the middle changes nothing. */
    @GuardedBy("positionLock")
    private @Nullable String answer;

    /** How much of that was read. */
    @GuardedBy("positionLock")
    private int position;

    CheckpointFile(Location location, int flags, CheckpointRequests requests) {
        super(location, flags);
        this.requests = requests;
        this.seen = requests.attempts();
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        if (target.remaining() == 0) {
            return 0;
        }
        positionLock.lock();
        try {
            String known = answer;
            if (known == null) {
                Outcome outcome = requests.outcomeSince(seen);
                if (outcome == null) {
                    return WOULD_BLOCK;
                }
                known =
                        switch (outcome) {
                            case RESUMED -> "resume";
                            case RESTORED -> "restore";
                            case FAILED -> throw Errno.EIO.error();
                        };
                answer = known;
            }
            byte[] bytes = known.getBytes(StandardCharsets.US_ASCII);
            if (position == bytes.length) {
                return 0;
            }
            int left = (int) Math.min(bytes.length - position, target.remaining());
            long count = target.put(bytes, position, left);
            position += (int) count;
            return count;
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public long write(Caller caller, UserBuffer source) throws ErrnoException {
        long length = source.remaining();
        if (length > REQUEST_BYTES_MAX) {
            throw Errno.EINVAL.error();
        }
        byte[] bytes = new byte[(int) length];
        if (source.take(bytes, 0, bytes.length) < bytes.length) {
            throw Errno.EFAULT.error();
        }
        if (!new String(bytes, StandardCharsets.ISO_8859_1).strip().equals("1")) {
            throw Errno.EINVAL.error();
        }
        // Before the request: its outcome may be there before this call returns.
        long before = requests.attempts();
        requests.request();
        positionLock.lock();
        try {
            seen = before;
            answer = null;
            position = 0;
        } finally {
            positionLock.unlock();
        }
        return length;
    }

    @Override
    public boolean isPollable() {
        return true;
    }

    @Override
    public int readiness() {
        positionLock.lock();
        try {
            boolean known = answer != null || requests.outcomeSince(seen) != null;
            return PollEvents.POLLOUT | (known ? PollEvents.POLLIN : 0);
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public void addWaiter(Waiter waiter, int events) {
        requests.outcomes().add(waiter, events);
    }

    @Override
    public void removeWaiter(Waiter waiter) {
        requests.outcomes().remove(waiter);
    }

    @Override
    public void truncate(Caller caller, long sizeBytes) {
        // As the inode: nothing to cut.
    }
}
