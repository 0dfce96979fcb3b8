package dev.runsc.kernel.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.Savable;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The kernel's access to the memory of one address space: with the guest's own permissions (Linux
 * {@code copy_from_user} and the like), resolving faults as the guest's would be; or, for ptrace,
 * without. Addresses may be anything. The lock is held while bytes are copied, so that pages stay
 * where they are.
 */
public abstract class UserMemory implements Savable {
    /** Copied at once under the lock. */
    private static final long COPY_CHUNK_BYTES = 1 << 20;

    final KernelLock lock = new KernelLock(LockClass.MAPPINGS);

    @GuardedBy("lock")
    final AddressMap map;

    UserMemory(AddressSpace space, MemoryFile memoryFile, MemoryLimits limits, PlacementBase base) {
        map = new AddressMap(this, new PageMap(memoryFile, space), limits, base);
    }

    /** A mapped file lost a range. */
    void invalidate(FileMapping file, long offset, long lengthBytes, boolean copiesToo) {
        lock.lock();
        try {
            if (map.invalidate(file, offset, lengthBytes, copiesToo)) {
                map.pages().space().settle();
            }
        } finally {
            lock.unlock();
        }
    }

    // Copying, with the permissions of the guest. A shorter count than asked for means EFAULT.

    long tryCopyIn(long address, MemorySegment target, long to, long length) {
        long done = 0;
        while (done < length) {
            long chunk = Math.min(length - done, COPY_CHUNK_BYTES);
            long count;
            lock.lock();
            try {
                count = GuestAccess.read(map, address + done, target, to + done, chunk);
            } finally {
                lock.unlock();
            }
            done += count;
            if (count < chunk) {
                break;
            }
        }
        return done;
    }

    long tryCopyOut(long address, MemorySegment source, long from, long length) {
        long done = 0;
        while (done < length) {
            long chunk = Math.min(length - done, COPY_CHUNK_BYTES);
            long count;
            lock.lock();
            try {
                count = GuestAccess.write(map, address + done, source, from + done, chunk);
            } finally {
                lock.unlock();
            }
            done += count;
            if (count < chunk) {
                break;
            }
        }
        return done;
    }

    long tryZero(long address, long length) {
        long done = 0;
        while (done < length) {
            long chunk = Math.min(length - done, COPY_CHUNK_BYTES);
            long count;
            lock.lock();
            try {
                count = GuestAccess.zero(map, address + done, chunk);
            } finally {
                lock.unlock();
            }
            done += count;
            if (count < chunk) {
                break;
            }
        }
        return done;
    }

    private static void requireAll(long done, long length) throws ErrnoException {
        if (done < length) {
            throw Errno.EFAULT.error();
        }
    }

    /** Copies from the guest; all or EFAULT. */
    public void copyIn(long address, byte[] target) throws ErrnoException {
        copyIn(address, MemorySegment.ofArray(target));
    }

    /** Copies from the guest; all or EFAULT. */
    public void copyIn(long address, MemorySegment target) throws ErrnoException {
        long length = target.byteSize();
        requireAll(tryCopyIn(address, target, 0, length), length);
    }

    /** Copies to the guest; EFAULT when not all could be, though a part may have been. */
    public void copyOut(long address, byte[] source) throws ErrnoException {
        copyOut(address, MemorySegment.ofArray(source));
    }

    /** Copies to the guest; EFAULT when not all could be, though a part may have been. */
    public void copyOut(long address, MemorySegment source) throws ErrnoException {
        long length = source.byteSize();
        requireAll(tryCopyOut(address, source, 0, length), length);
    }

    /** Writes zeros; EFAULT. */
    public void zero(long address, long length) throws ErrnoException {
        requireAll(tryZero(address, length), length);
    }

    /** Where a small value lies in the memory file when it can be used in place, else -1. */
    @GuardedBy("lock")
    private long inPlace(long address, int size, boolean forWrite) {
        PageRun run = map.pages().runs().find(address);
        if (run == null
                || run.end - address < size
                || !run.inMemory()
                || (forWrite ? !run.isWritableNow() : !run.isReadable())) {
            return -1;
        }
        long offset = run.offsetOf(address);
        return MemoryFileHost.leftInWindow(offset) < size ? -1 : offset;
    }

    @GuardedBy("lock")
    private MemoryFile memory() {
        return map.pages().memoryFile();
    }

    private ByteBuffer copyOf(long address, int size) throws ErrnoException {
        ByteBuffer bytes = buffer(size);
        copyIn(address, bytes.array());
        return bytes;
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    }

    public byte readByte(long address) throws ErrnoException {
        return copyOf(address, Byte.BYTES).get(0);
    }

    public short readShort(long address) throws ErrnoException {
        return copyOf(address, Short.BYTES).getShort(0);
    }

    public int readInt(long address) throws ErrnoException {
        lock.lock();
        try {
            long offset = inPlace(address, Integer.BYTES, false);
            if (offset >= 0) {
                return memory().getInt(offset);
            }
        } finally {
            lock.unlock();
        }
        return copyOf(address, Integer.BYTES).getInt(0);
    }

    public long readLong(long address) throws ErrnoException {
        lock.lock();
        try {
            long offset = inPlace(address, Long.BYTES, false);
            if (offset >= 0) {
                return memory().getLong(offset);
            }
        } finally {
            lock.unlock();
        }
        return copyOf(address, Long.BYTES).getLong(0);
    }

    public void writeByte(long address, byte value) throws ErrnoException {
        copyOut(address, new byte[] {value});
    }

    public void writeShort(long address, short value) throws ErrnoException {
        copyOut(address, new byte[] {(byte) value, (byte) (value >> 8)});
    }

    public void writeInt(long address, int value) throws ErrnoException {
        lock.lock();
        try {
            long offset = inPlace(address, Integer.BYTES, true);
            if (offset >= 0) {
                memory().putInt(offset, value);
                return;
            }
        } finally {
            lock.unlock();
        }
        copyOut(address, buffer(Integer.BYTES).putInt(value).array());
    }

    public void writeLong(long address, long value) throws ErrnoException {
        lock.lock();
        try {
            long offset = inPlace(address, Long.BYTES, true);
            if (offset >= 0) {
                memory().putLong(offset, value);
                return;
            }
        } finally {
            lock.unlock();
        }
        copyOut(address, buffer(Long.BYTES).putLong(value).array());
    }

    /**
     * The bytes before the first zero.
     *
     * @param maxBytes most bytes, the zero counted
     * @throws ErrnoException EFAULT; ENAMETOOLONG when there is no zero among them
     */
    public byte[] readCString(long address, int maxBytes) throws ErrnoException {
        lock.lock();
        try {
            long length = GuestAccess.stringLength(map, address, maxBytes);
            if (length < 0) {
                throw (-length - 1 == maxBytes ? Errno.ENAMETOOLONG : Errno.EFAULT).error();
            }
            byte[] bytes = new byte[(int) length];
            // The guest may write meanwhile: a zero more or less is its own doing.
            requireAll(
                    GuestAccess.read(map, address, MemorySegment.ofArray(bytes), 0, length),
                    length);
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Guest memory for read(2) and the like: EFAULT when it reaches out of user space. */
    public UserBuffer buffer(long address, long length) throws ErrnoException {
        if (!Addresses.isUserRange(address, length)) {
            throw Errno.EFAULT.error();
        }
        long bounded = Math.min(length, Iovec.MAX_TRANSFER);
        return new GuestBuffer(this, new long[] {address, bounded}, bounded);
    }

    /** Several ranges, bounded and checked as Linux {@code import_iovec} does. */
    public UserBuffer buffer(List<Iovec> elements) throws ErrnoException {
        long[] ranges = new long[Math.max(1, elements.size()) * 2];
        int n = 0;
        long total = 0;
        for (Iovec element : elements) {
            if (element.length() < 0) {
                throw Errno.EINVAL.error();
            }
            if (!Addresses.isUserRange(element.address(), element.length())) {
                throw Errno.EFAULT.error();
            }
            long length = Math.min(element.length(), Iovec.MAX_TRANSFER - total);
            if (length > 0) {
                ranges[n++] = element.address();
                ranges[n++] = length;
                total += length;
            }
        }
        return new GuestBuffer(this, ranges, total);
    }

    /** Reads a list of {@code struct iovec}: EINVAL beyond IOV_MAX, EFAULT. */
    public List<Iovec> readIovecs(long address, long count) throws ErrnoException {
        if (count < 0 || count > Iovec.IOV_MAX) {
            throw Errno.EINVAL.error();
        }
        ByteBuffer bytes = copyOf(address, (int) count * Iovec.SIZE);
        List<Iovec> elements = new ArrayList<>((int) count);
        for (int i = 0; i < count; i++) {
            elements.add(new Iovec(bytes.getLong(), bytes.getLong()));
        }
        return elements;
    }

    // Futex words: EINVAL when not aligned, EFAULT.

    private static void checkWord(long address) throws ErrnoException {
        if ((address & (Integer.BYTES - 1)) != 0) {
            throw Errno.EINVAL.error();
        }
        if (!Addresses.isUserRange(address, Integer.BYTES)) {
            throw Errno.EFAULT.error();
        }
    }

    public int getIntVolatile(long address) throws ErrnoException {
        checkWord(address);
        lock.lock();
        try {
            long offset = GuestAccess.locate(map, address);
            if (offset >= 0) {
                return GuestAccess.getVolatile(map, offset);
            }
        } finally {
            lock.unlock();
        }
        return readInt(address);
    }

    public boolean compareAndSetInt(long address, int expected, int value) throws ErrnoException {
        return compareAndExchangeInt(address, expected, value) == expected;
    }

    /** Returns what was there. */
    public int compareAndExchangeInt(long address, int expected, int value) throws ErrnoException {
        checkWord(address);
        lock.lock();
        try {
            long offset = GuestAccess.locateForWrite(map, address);
            if (offset < 0) {
                throw Errno.EFAULT.error();
            }
            return GuestAccess.compareAndExchange(map, offset, expected, value);
        } finally {
            lock.unlock();
        }
    }

    /**
     * What identifies a futex word.
     *
     * @param isPrivate FUTEX_PRIVATE_FLAG: the caller knows that no other address space has it
     */
    public FutexKey keyOf(long address, boolean isPrivate) throws ErrnoException {
        checkWord(address);
        if (isPrivate) {
            return new FutexKey(this, address);
        }
        lock.lock();
        try {
            VmArea area = map.areas().find(address);
            if (area == null || area.protection == 0) {
                throw Errno.EFAULT.error();
            }
            FileMapping file = area.file;
            return area.isShared() && file != null
                    ? new FutexKey(file.file.shared(), area.offsetOf(address))
                    : new FutexKey(this, address);
        } finally {
            lock.unlock();
        }
    }

    // Forced access (ptrace, /proc/pid/mem): protection does not matter.

    /** Reads even where the guest may not; EFAULT where nothing is mapped. */
    public void forceRead(long address, MemorySegment target) throws ErrnoException {
        lock.lock();
        try {
            long length = target.byteSize();
            requireAll(GuestAccess.forceRead(map, address, target, 0, length), length);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes even where the guest may not: private pages become copies and keep their protection.
     * EFAULT for shared memory that is read-only. Running threads see it when this returns.
     */
    public void forceWrite(long address, MemorySegment source) throws ErrnoException {
        lock.lock();
        try {
            long length = source.byteSize();
            long done = GuestAccess.forceWrite(map, address, source, 0, length);
            map.pages().space().settle();
            requireAll(done, length);
        } finally {
            lock.unlock();
        }
    }
}
