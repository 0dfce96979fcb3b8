package dev.runsc.kernel.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.BeforeSave;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.RestoreException;
import dev.runsc.state.RestoreOrder;
import dev.runsc.state.Savable;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The one place where guest bytes live: a sparse memfd, mapped as a whole into the kernel and piece
 * by piece into the stubs, with a count of users for each page. Offsets are virtual: a range that
 * was never touched costs nothing. Pages without users go back to the host, by {@link Reclaimer},
 * soon after; only then may they be handed out again, which is why a new range is always zero.
 *
 * <p>Thread safe. Saved: the counts. Contents are written and read by whoever checkpoints, from
 * {@link #committedRanges}.
 */
public final class MemoryFile implements Savable, BeforeSave, AfterRestore {
    private static final int VALUES_PER_RUN = 3;

    /** Up to here asking page by page is cheaper than asking for the ends of what is committed. */
    private static final long SMALL_BYTES = 4L << 20;

    private final KernelLock lock = new KernelLock(LockClass.MEMORY_FILE);

    /** For the image: start, end and users of each run. */
    private long[] savedRuns = {};

    private transient MemoryFileHost host;
    private transient MemorySegment memory;

    @GuardedBy("lock")
    private transient OffsetSpace space;

    private transient Reclaimer reclaimer;

    /** What the machine has; a single request for more is refused, as Linux does by default. */
    private transient volatile long machineBytes;

    /** An empty memory file over a fresh memfd. */
    public MemoryFile(MemoryFileHost host) {
        this.host = host;
        memory = host.memory();
        space = new OffsetSpace(MemoryFileHost.SIZE_BYTES);
        reclaimer = new Reclaimer(this);
    }

    /**
     * Tells how much memory the machine has (MemTotal): a single private writable mapping of more
     * is refused (vm.overcommit_memory 0). Until then nothing is.
     */
    public void setMachineBytes(long bytes) {
        machineBytes = bytes;
    }

    /** Whether so much could ever be committed at once. */
    public boolean mayCommit(long bytes) {
        long most = machineBytes;
        return most <= 0 || bytes <= most;
    }

    /** The host's side, for the platform. */
    public MemoryFileHost host() {
        return host;
    }

    /** Reserves a contiguous, zero-filled, page aligned range with one user. */
    public long allocate(long lengthBytes) throws ErrnoException {
        checkLength(lengthBytes);
        lock.lock();
        try {
            return checkRoom(space.takeUp(lengthBytes));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reserves a range that lies well for an address space.
     *
     * @param below the offset that would continue the neighbour above, or -1
     * @param above the offset that would continue the neighbour below, or -1
     * @param hint an offset in the address space's zone, or -1 for a zone of its own
     * @param goingUp whether more will follow above rather than below
     */
    long allocateNear(long lengthBytes, long below, long above, long hint, boolean goingUp)
            throws ErrnoException {
        checkLength(lengthBytes);
        lock.lock();
        try {
            if (space.takeAt(below, lengthBytes)) {
                return below;
            }
            if (space.takeAt(above, lengthBytes)) {
                return above;
            }
            return checkRoom(space.takeNear(hint, lengthBytes, goingUp));
        } finally {
            lock.unlock();
        }
    }

    private static void checkLength(long lengthBytes) throws ErrnoException {
        if (lengthBytes <= 0 || !Addresses.isAligned(lengthBytes)) {
            throw new IllegalArgumentException("length " + lengthBytes);
        }
        if (lengthBytes > MemoryFileHost.SIZE_BYTES) {
            throw Errno.ENOMEM.error();
        }
    }

    private static long checkRoom(long offset) throws ErrnoException {
        if (offset < 0) {
            throw Errno.ENOMEM.error();
        }
        return offset;
    }

    /** Adds a user to every page of the range. */
    public void retain(long offset, long lengthBytes) {
        lock.lock();
        try {
            space.retain(offset, lengthBytes);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a user from every page; pages without one go back to the host. No stub whose guest may
     * be running may still have them mapped: see {@link #releaseUnmapped}.
     */
    public void release(long offset, long lengthBytes) {
        long without;
        lock.lock();
        try {
            without = space.release(offset, lengthBytes);
        } finally {
            lock.unlock();
        }
        if (without > 0) {
            reclaimer.wake();
        }
    }

    /**
     * Takes a user from every page once an address space, whose threads may be running, has carried
     * out what is queued for it (the unmapping of this range among it).
     */
    void releaseUnmapped(HostSpace user, long offset, long lengthBytes) {
        reclaimer.releaseLater(user, offset, lengthBytes);
    }

    /** The range as the kernel sees it. */
    public MemorySegment segment(long offset, long lengthBytes) {
        return memory.asSlice(offset, lengthBytes);
    }

    /** All of the file; for copying at an offset without a slice. */
    MemorySegment memory() {
        return memory;
    }

    int getInt(long offset) {
        return host.window(offset).getInt(MemoryFileHost.inWindow(offset));
    }

    void putInt(long offset, int value) {
        host.window(offset).putInt(MemoryFileHost.inWindow(offset), value);
    }

    long getLong(long offset) {
        return host.window(offset).getLong(MemoryFileHost.inWindow(offset));
    }

    void putLong(long offset, long value) {
        host.window(offset).putLong(MemoryFileHost.inWindow(offset), value);
    }

    /** The offset of the first zero in a range; -1 when there is none. */
    long findZero(long offset, long lengthBytes) {
        for (long at = offset; at < offset + lengthBytes; at++) {
            if (host.window(at).get(MemoryFileHost.inWindow(at)) == 0) {
                return at;
            }
        }
        return -1;
    }

    /** Whether a page has users. */
    boolean isUsed(long offset) {
        lock.lock();
        try {
            OffsetSpace.Run run = space.runs().find(offset);
            return run != null && run.references > 0;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes that have users, touched or not. */
    public long usedBytes() {
        lock.lock();
        try {
            return space.usedBytes();
        } finally {
            lock.unlock();
        }
    }

    /**
     * How far, from an offset on, the pages have one user only.
     *
     * @return that many bytes, or, where the page has several, the negated length of the run with
     *     several
     */
    long soleLength(long offset) {
        lock.lock();
        try {
            OffsetSpace.Run run = space.require(offset);
            return run.references == 1 ? run.end - offset : offset - run.end;
        } finally {
            lock.unlock();
        }
    }

    /** How far below an offset the pages have as many users as the page there. */
    long equalLengthBelow(long offset) {
        lock.lock();
        try {
            return offset - space.require(offset).start;
        } finally {
            lock.unlock();
        }
    }

    /** Makes a range that has one user read as zeros, at once. */
    public void discard(long offset, long lengthBytes) {
        try {
            host.punch(offset, lengthBytes);
        } catch (ErrnoException e) {
            // The host lets no hole be made (sealed or out of memory): zeros all the same.
            segment(offset, lengthBytes).fill((byte) 0);
        }
    }

    /** Copies what is committed of a small range to a fresh one. */
    void copyCommitted(long from, long to, long lengthBytes) throws ErrnoException {
        RangeList committed = new RangeList();
        host.committedInSmall(from, from + lengthBytes, committed);
        long[] ranges = committed.toArray();
        for (int i = 0; i < ranges.length; i += 2) {
            host.copy(ranges[i], to + (ranges[i] - from), ranges[i + 1]);
        }
    }

    /**
     * Gives up now what has no users, rather than soon.
     *
     * @throws ErrnoException when the host refuses
     */
    public void reclaim() throws ErrnoException {
        reclaimer.drain();
    }

    /** Punches all ranges without users. Called by the reclaimer, one call at a time. */
    void punchUnused() throws ErrnoException {
        long[] ranges;
        lock.lock();
        try {
            ranges = space.takeUnused().toArray();
        } finally {
            lock.unlock();
        }
        int done = 0;
        try {
            for (; done < ranges.length; done += 2) {
                host.punch(ranges[done], ranges[done + 1]);
            }
        } finally {
            lock.lock();
            try {
                for (int i = 0; i < ranges.length; i += 2) {
                    if (i < done) {
                        space.free(ranges[i], ranges[i + 1]);
                    } else {
                        space.giveBackUnused(ranges[i], ranges[i + 1]);
                    }
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * The ranges that have users and are committed by the host, in order: offset and length of each
     * in turn. What lies outside reads as zeros. For a checkpoint, when nothing runs.
     */
    public long[] committedRanges() throws ErrnoException {
        reclaim();
        RangeList committed = new RangeList();
        host.committedIn(0, MemoryFileHost.SIZE_BYTES, committed);
        long[] found = committed.toArray();
        long[] runs = usedRuns();
        RangeList ranges = new RangeList();
        int run = 0;
        for (int i = 0; i < found.length; i += 2) {
            long end = found[i] + found[i + 1];
            while (run < runs.length && runs[run + 1] <= found[i]) {
                run += VALUES_PER_RUN;
            }
            for (int r = run; r < runs.length && runs[r] < end; r += VALUES_PER_RUN) {
                long from = Math.max(found[i], runs[r]);
                ranges.add(from, Math.min(end, runs[r + 1]) - from);
            }
        }
        return ranges.toArray();
    }

    /** Bytes of a range that the host has committed. */
    public long committedBytes(long offset, long lengthBytes) throws ErrnoException {
        RangeList ranges = new RangeList();
        committedIn(offset, offset + lengthBytes, ranges);
        return ranges.totalBytes();
    }

    /** Adds the committed parts of {@code [from, to)}. */
    void committedIn(long from, long to, RangeList ranges) throws ErrnoException {
        if (to - from <= SMALL_BYTES) {
            host.committedInSmall(from, to, ranges);
        } else {
            host.committedIn(from, to, ranges);
        }
    }

    private long[] usedRuns() {
        lock.lock();
        try {
            long[] values = new long[space.runs().size() * VALUES_PER_RUN];
            int n = 0;
            for (OffsetSpace.Run run = space.runs().first();
                    run != null;
                    run = space.runs().next(run)) {
                if (run.references > 0) {
                    values[n++] = run.start;
                    values[n++] = run.end;
                    values[n++] = run.references;
                }
            }
            return Arrays.copyOf(values, n);
        } finally {
            lock.unlock();
        }
    }

    /** Stops the reclaimer. The host's side stays open. */
    public void close() {
        reclaimer.close();
    }

    @Override
    public void beforeSave() {
        savedRuns = usedRuns();
    }

    @Override
    public int restoreOrder() {
        return RestoreOrder.HOST_RESOURCES;
    }

    @Override
    public void afterRestore(RestoreContext context) throws RestoreException {
        host = context.require(MemoryFileHost.class);
        memory = host.memory();
        OffsetSpace restored = new OffsetSpace(MemoryFileHost.SIZE_BYTES);
        long previous = 0;
        if (savedRuns.length % VALUES_PER_RUN != 0) {
            throw new RestoreException("the memory file's page counts are damaged");
        }
        for (int i = 0; i < savedRuns.length; i += VALUES_PER_RUN) {
            long start = savedRuns[i];
            long end = savedRuns[i + 1];
            long users = savedRuns[i + 2];
            if (start < previous
                    || end <= start
                    || end > MemoryFileHost.SIZE_BYTES
                    || !Addresses.isAligned(start)
                    || !Addresses.isAligned(end)
                    || users <= 0
                    || users > Integer.MAX_VALUE) {
                throw new RestoreException("the memory file's page counts are damaged");
            }
            restored.occupy(start, end - start, (int) users);
            previous = end;
        }
        lock.lock();
        try {
            space = restored;
        } finally {
            lock.unlock();
        }
        reclaimer = new Reclaimer(this);
    }
}
