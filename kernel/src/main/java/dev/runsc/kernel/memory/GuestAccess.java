package dev.runsc.kernel.memory;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.runsc.gofer.abi.ErrnoException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's own access to guest memory: faults are resolved as the guest's would be. A count
 * smaller than what was asked for means that the next byte cannot be reached. Called with the
 * address space's lock held, which keeps the pages where they are.
 */
final class GuestAccess {
    private static final long BOUNCE_BYTES = 1 << 16;

    private GuestAccess() {}

    /** Copies from the guest. */
    static long read(AddressMap map, long address, MemorySegment target, long to, long length) {
        return read(map, address, target, to, length, false);
    }

    /** As {@link #read}, even where the guest has no access (ptrace). */
    static long forceRead(
            AddressMap map, long address, MemorySegment target, long to, long length) {
        return read(map, address, target, to, length, true);
    }

    private static long read(
            AddressMap map,
            long address,
            MemorySegment target,
            long to,
            long length,
            boolean force) {
        MemorySegment memory = map.pages().memoryFile().memory();
        long done = 0;
        while (done < length) {
            long at = address + done;
            PageRun run = readable(map, at, force);
            if (run == null) {
                return done;
            }
            long count = Math.min(length - done, run.end - at);
            if (run.inMemory()) {
                MemorySegment.copy(memory, run.offsetOf(at), target, to + done, count);
            } else {
                count = readFile(map, at, target.asSlice(to + done, count));
                if (count == 0) {
                    return done;
                }
            }
            done += count;
        }
        return done;
    }

    /** The run at an address that may be read, or null. */
    private static @Nullable PageRun readable(AddressMap map, long address, boolean force) {
        PageRun run = map.pages().runs().find(address);
        if (run != null && (force || run.isReadable())) {
            return run;
        }
        if (!force) {
            if (!FaultCalls.resolve(map, address, Accesses.READ).resolved()) {
                return null;
            }
        } else if (!force(map, address, Accesses.READ)) {
            return null;
        }
        return map.pages().runs().find(address);
    }

    /** Resolves a page whose area need not allow the access now, but might (FOLL_FORCE). */
    private static boolean force(AddressMap map, long address, int access) {
        VmArea area = address < 0 ? null : FaultCalls.findOrGrow(map, address);
        if (area == null || (area.maxProtection & access) == 0) {
            return false;
        }
        if (access == Accesses.WRITE && area.isShared() && !area.allows(Accesses.WRITE)) {
            return false;
        }
        try {
            FaultCalls.resolvePage(map, area, address, access == Accesses.WRITE);
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    /** Reads pages of a host file by reading the file: it may shrink while it is mapped. */
    private static long readFile(AddressMap map, long address, MemorySegment target) {
        VmArea area = map.areas().find(address);
        if (area == null) {
            return 0;
        }
        Mappable file = PageMap.requireFile(area).file;
        long length = Math.min(target.byteSize(), area.end - address);
        try {
            long count;
            if (target.isNative()) {
                count = file.readInto(area.offsetOf(address), target.asSlice(0, length));
            } else {
                length = Math.min(length, BOUNCE_BYTES);
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment bounce = arena.allocate(length);
                    count = file.readInto(area.offsetOf(address), bounce);
                    MemorySegment.copy(bounce, 0, target, 0, count);
                }
            }
            if (count < length) {
                // The last page of a file ends in zeros; the page behind it is not there.
                long end = Math.min(length, Addresses.pageUp(address + count) - address);
                target.asSlice(count, end - count).fill((byte) 0);
                count = end;
            }
            return count;
        } catch (ErrnoException e) {
            return 0;
        }
    }

    /** Copies to the guest. */
    static long write(AddressMap map, long address, MemorySegment source, long from, long length) {
        MemorySegment memory = map.pages().memoryFile().memory();
        long done = 0;
        while (done < length) {
            long at = address + done;
            PageRun run = writable(map, at);
            if (run == null) {
                return done;
            }
            long count = Math.min(length - done, run.end - at);
            MemorySegment.copy(source, from + done, memory, run.offsetOf(at), count);
            done += count;
        }
        return done;
    }

    /** Writes zeros to the guest. */
    static long zero(AddressMap map, long address, long length) {
        MemorySegment memory = map.pages().memoryFile().memory();
        long done = 0;
        while (done < length) {
            long at = address + done;
            PageRun run = writable(map, at);
            if (run == null) {
                return done;
            }
            long count = Math.min(length - done, run.end - at);
            memory.asSlice(run.offsetOf(at), count).fill((byte) 0);
            done += count;
        }
        return done;
    }

    /** The run at an address that may be written, or null. */
    private static @Nullable PageRun writable(AddressMap map, long address) {
        PageMap pages = map.pages();
        PageRun run = pages.runs().find(address);
        if (run != null && run.isWritableNow()) {
            return run;
        }
        pages.setDeferred(true);
        try {
            if (!FaultCalls.resolve(map, address, Accesses.WRITE).resolved()) {
                return null;
            }
        } finally {
            pages.setDeferred(false);
        }
        return pages.runs().find(address);
    }

    /** As {@link #write}, into private copies where the guest may not write (ptrace). */
    static long forceWrite(
            AddressMap map, long address, MemorySegment source, long from, long length) {
        PageMap pages = map.pages();
        MemorySegment memory = pages.memoryFile().memory();
        long done = 0;
        while (done < length) {
            long at = address + done;
            PageRun run = pages.runs().find(at);
            if (run == null || run.writeProtected || (run.protection & Accesses.WRITE) == 0) {
                pages.setDeferred(true);
                try {
                    if (!force(map, at, Accesses.WRITE)) {
                        return done;
                    }
                } finally {
                    pages.setDeferred(false);
                }
                run = pages.runs().find(at);
                if (run == null) {
                    return done;
                }
            }
            long count = Math.min(length - done, run.end - at);
            MemorySegment.copy(source, from + done, memory, run.offsetOf(at), count);
            done += count;
        }
        return done;
    }

    /**
     * Where in the memory file a naturally aligned word lies that may be read in place; -1 when it
     * lies in a host file; -2 when it cannot be reached.
     */
    static long locate(AddressMap map, long address) {
        PageRun run = readable(map, address, false);
        if (run == null) {
            return -2;
        }
        return run.inMemory() ? run.offsetOf(address) : -1;
    }

    /** Where a word lies that may be written, or -2. */
    static long locateForWrite(AddressMap map, long address) {
        PageRun run = writable(map, address);
        return run == null ? -2 : run.offsetOf(address);
    }

    static int getVolatile(AddressMap map, long offset) {
        int value = map.pages().memoryFile().getInt(offset);
        VarHandle.acquireFence();
        return value;
    }

    /** Brought to life only by guests that have need of it. */
    private static final class Exchange {
        static final VarHandle INT = JAVA_INT.varHandle();
    }

    static int compareAndExchange(AddressMap map, long offset, int expected, int value) {
        return (int)
                Exchange.INT.compareAndExchange(
                        map.pages().memoryFile().memory(), offset, expected, value);
    }

    /**
     * How many bytes before the first zero, looking at no more than a number of bytes.
     *
     * @return the bytes; or, when there is no zero in reach, the negated count of bytes that could
     *     be read, less one
     */
    static long stringLength(AddressMap map, long address, long most) {
        MemoryFile memory = map.pages().memoryFile();
        long done = 0;
        while (done < most) {
            PageRun run = readable(map, address + done, false);
            if (run == null) {
                return -done - 1;
            }
            long count = Math.min(most - done, run.end - (address + done));
            long found;
            if (run.inMemory()) {
                long offset = run.offsetOf(address + done);
                long zero = memory.findZero(offset, count);
                found = zero < 0 ? -1 : zero - offset;
            } else {
                count = Math.min(count, Addresses.PAGE_SIZE);
                byte[] copy = new byte[(int) count];
                count = readFile(map, address + done, MemorySegment.ofArray(copy));
                if (count == 0) {
                    return -done - 1;
                }
                found = zeroIn(copy, (int) count);
            }
            if (found >= 0) {
                return done + found;
            }
            done += count;
        }
        return -done - 1;
    }

    private static long zeroIn(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] == 0) {
                return i;
            }
        }
        return -1;
    }
}
