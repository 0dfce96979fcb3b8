package dev.runsc.kernel.fs.pipe;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.state.Savable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.List;

/**
 * The bytes between the ends of a pipe or FIFO, and how many ends there are (Linux {@code struct
 * pipe_inode_info}).
 */
final class PipeBuffer implements Savable {
    /** Writes of up to this many bytes are atomic (pipe(7)). */
    static final int PIPE_BUF = 4096;

    static final int DEFAULT_CAPACITY = 64 << 10;

    /** /proc/sys/fs/pipe-max-size. */
    static final int MAX_CAPACITY = 1 << 20;

    /** What {@link #open} says when nobody has to be waited for. */
    static final long PARTNER_THERE = -1;

    private static final int INITIAL_ARRAY = 4096;

    private final KernelLock lock = new KernelLock(LockClass.CHANNEL);
    private final WaitQueue queue = new WaitQueue();

    /** A ring; grows up to the capacity. */
    @GuardedBy("lock")
    private byte[] ring = new byte[INITIAL_ARRAY];

    @GuardedBy("lock")
    private int head;

    @GuardedBy("lock")
    private int count;

    /** How many bytes have been taken out ever: the position of the first one in the ring. */
    @GuardedBy("lock")
    private long taken;

    /** Positions where packets (O_DIRECT, pipe(2)) begin and end, alternating. */
    @GuardedBy("lock")
    private final ArrayDeque<Long> packets = new ArrayDeque<>();

    @GuardedBy("lock")
    private int capacity = DEFAULT_CAPACITY;

    @GuardedBy("lock")
    private int readers;

    @GuardedBy("lock")
    private int writers;

    /** How often an end was opened: what the other end's blocking open waits for. */
    @GuardedBy("lock")
    private long readerOpens;

    @GuardedBy("lock")
    private long writerOpens;

    WaitQueue queue() {
        return queue;
    }

    /**
     * Counts a new end.
     *
     * @return {@link #PARTNER_THERE} when the other side was open at that moment; else how often it
     *     had been opened, which {@link #opens} exceeds once a partner has come
     */
    long open(boolean reads, boolean writes) {
        long partner;
        lock.lock();
        try {
            if (reads) {
                readers++;
                readerOpens++;
            }
            if (writes) {
                writers++;
                writerOpens++;
            }
            if ((reads ? writers : readers) > 0) {
                partner = PARTNER_THERE;
            } else {
                partner = reads ? writerOpens : readerOpens;
            }
        } finally {
            lock.unlock();
        }
        queue.notify(PollEvents.POLLIN | PollEvents.POLLOUT);
        return partner;
    }

    void close(boolean reads, boolean writes) {
        lock.lock();
        try {
            if (reads) {
                readers--;
            }
            if (writes) {
                writers--;
            }
            if (readers == 0 && writers == 0) {
                head = 0;
                count = 0;
                packets.clear();
            }
        } finally {
            lock.unlock();
        }
        queue.notify(
                PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLHUP | PollEvents.POLLERR);
    }

    int readers() {
        lock.lock();
        try {
            return readers;
        } finally {
            lock.unlock();
        }
    }

    long opens(boolean ofReaders) {
        lock.lock();
        try {
            return ofReaders ? readerOpens : writerOpens;
        } finally {
            lock.unlock();
        }
    }

    long read(UserBuffer target) throws ErrnoException {
        if (target.remaining() == 0) {
            return 0;
        }
        long done;
        lock.lock();
        try {
            if (count == 0) {
                return writers == 0 ? 0 : FileDescription.WOULD_BLOCK;
            }
            done = drainLocked(target);
        } finally {
            lock.unlock();
        }
        queue.notify(PollEvents.POLLOUT);
        return done;
    }

    /** Takes bytes up to the end of the first packet, whose rest is lost when it does not fit. */
    @GuardedBy("lock")
    private long drainLocked(UserBuffer target) throws ErrnoException {
        if (packets.isEmpty()) {
            long done = copyOutLocked(target, count);
            taken += done;
            return done;
        }
        long begin = packets.removeFirst();
        long end = packets.removeFirst();
        long done = 0;
        try {
            done = copyOutLocked(target, (int) (end - taken));
            return done;
        } finally {
            taken += done;
            if (taken <= begin) {
                packets.addFirst(end);
                packets.addFirst(begin);
            } else {
                int rest = (int) (end - taken);
                head = (head + rest) % ring.length;
                count -= rest;
                taken = end;
            }
        }
    }

    @GuardedBy("lock")
    private long copyOutLocked(UserBuffer target, int most) throws ErrnoException {
        long done = 0;
        while (done < most && target.remaining() > 0) {
            int piece =
                    (int) Math.min(Math.min(most - done, ring.length - head), target.remaining());
            long moved;
            try {
                moved = target.put(MemorySegment.ofArray(ring).asSlice(head, piece));
            } catch (ErrnoException fault) {
                if (done > 0) {
                    return done;
                }
                throw fault;
            }
            head = (int) (head + moved) % ring.length;
            count -= (int) moved;
            done += moved;
            if (moved < piece) {
                break;
            }
        }
        return done;
    }

    /**
     * Writes what fits; at most PIPE_BUF bytes go in whole or not at all. EPIPE without readers.
     *
     * @param asPackets keeps what is written apart from the rest, in packets of up to PIPE_BUF
     */
    long write(UserBuffer source, boolean asPackets) throws ErrnoException {
        long wanted = source.remaining();
        long done;
        lock.lock();
        try {
            if (readers == 0) {
                throw Errno.EPIPE.error();
            }
            if (wanted == 0) {
                return 0;
            }
            int room = capacity - count;
            if (room <= 0 || wanted <= PIPE_BUF && wanted > room) {
                return FileDescription.WOULD_BLOCK;
            }
            long begin = taken + count;
            done = fillLocked(source, (int) Math.min(room, wanted));
            for (long at = 0; asPackets && at < done; at += PIPE_BUF) {
                packets.addLast(begin + at);
                packets.addLast(begin + Math.min(done, at + PIPE_BUF));
            }
        } finally {
            lock.unlock();
        }
        queue.notify(PollEvents.POLLIN);
        return done;
    }

    @GuardedBy("lock")
    private long fillLocked(UserBuffer source, int wanted) throws ErrnoException {
        ensureArrayLocked(count + wanted);
        long done = 0;
        while (done < wanted) {
            int tail = (head + count) % ring.length;
            int piece = (int) Math.min(wanted - done, ring.length - tail);
            long moved;
            try {
                moved = source.take(MemorySegment.ofArray(ring).asSlice(tail, piece));
            } catch (ErrnoException fault) {
                if (done > 0) {
                    return done;
                }
                throw fault;
            }
            count += (int) moved;
            done += moved;
            if (moved < piece) {
                break;
            }
        }
        return done;
    }

    @GuardedBy("lock")
    private void ensureArrayLocked(int needed) {
        if (needed <= ring.length) {
            return;
        }
        int size = Math.min(Math.max(capacity, count), Integer.highestOneBit(needed - 1) << 1);
        byte[] larger = new byte[Math.max(needed, size)];
        for (int i = 0; i < count; i++) {
            larger[i] = ring[(head + i) % ring.length];
        }
        ring = larger;
        head = 0;
    }

    /** Copies from the front without taking; as {@link #read} otherwise (tee(2)). */
    long peek(UserBuffer target) throws ErrnoException {
        lock.lock();
        try {
            if (count == 0) {
                return writers == 0 ? 0 : FileDescription.WOULD_BLOCK;
            }
            int keptHead = head;
            int keptCount = count;
            long keptTaken = taken;
            List<Long> keptPackets = List.copyOf(packets);
            try {
                return drainLocked(target);
            } finally {
                head = keptHead;
                count = keptCount;
                taken = keptTaken;
                packets.clear();
                packets.addAll(keptPackets);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Puts bytes back that were just read and could not be passed on (splice(2)), whatever the
     * capacity.
     */
    void unread(byte[] data, int from, int length) {
        lock.lock();
        try {
            ensureArrayLocked(count + length);
            head = Math.floorMod(head - length, ring.length);
            taken -= length;
            for (int i = 0; i < length; i++) {
                ring[(head + i) % ring.length] = data[from + i];
            }
            count += length;
        } finally {
            lock.unlock();
        }
        queue.notify(PollEvents.POLLIN);
    }

    /** Adds bytes whatever the capacity: they were taken from elsewhere when there was room. */
    void force(byte[] data, int from, int length) {
        lock.lock();
        try {
            ensureArrayLocked(count + length);
            for (int i = 0; i < length; i++) {
                ring[(head + count + i) % ring.length] = data[from + i];
            }
            count += length;
        } finally {
            lock.unlock();
        }
        queue.notify(PollEvents.POLLIN);
    }

    int readiness(boolean reads, boolean writes) {
        lock.lock();
        try {
            int events = 0;
            if (reads) {
                events |= count > 0 ? PollEvents.POLLIN | PollEvents.POLLRDNORM : 0;
                events |= writers == 0 ? PollEvents.POLLHUP : 0;
            }
            if (writes) {
                events |=
                        capacity - count >= PIPE_BUF
                                ? PollEvents.POLLOUT | PollEvents.POLLWRNORM
                                : 0;
                events |= readers == 0 ? PollEvents.POLLERR : 0;
            }
            return events;
        } finally {
            lock.unlock();
        }
    }

    int available() {
        lock.lock();
        try {
            return count;
        } finally {
            lock.unlock();
        }
    }

    int capacity() {
        lock.lock();
        try {
            return capacity;
        } finally {
            lock.unlock();
        }
    }

    /**
     * F_SETPIPE_SZ: rounds up to a power of two pages. EBUSY when it holds more, EPERM beyond the
     * maximum.
     */
    int setCapacity(long wanted, boolean privileged) throws ErrnoException {
        if (wanted < 0 || wanted > Integer.MAX_VALUE / 2) {
            throw Errno.EINVAL.error();
        }
        int size = PIPE_BUF;
        while (size < wanted) {
            size <<= 1;
        }
        if (size > MAX_CAPACITY && !privileged) {
            throw Errno.EPERM.error();
        }
        lock.lock();
        try {
            if (count > size) {
                throw Errno.EBUSY.error();
            }
            capacity = size;
        } finally {
            lock.unlock();
        }
        queue.notify(PollEvents.POLLOUT);
        return size;
    }
}
