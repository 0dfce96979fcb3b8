package dev.runsc.kernel.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.stub.StubPlatform;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;

/** A memory file on a real memfd, simulated stubs, and short names for what tests do with them. */
final class MemoryFixture implements AutoCloseable {
    static final long PAGE = Addresses.PAGE_SIZE;
    static final int READ = MmapFlags.PROT_READ;
    static final int READ_WRITE = MmapFlags.PROT_READ | MmapFlags.PROT_WRITE;
    static final int ANONYMOUS = MmapFlags.MAP_PRIVATE | MmapFlags.MAP_ANONYMOUS;
    static final int FIXED = ANONYMOUS | MmapFlags.MAP_FIXED;
    static final long BASE = 0x1000_0000L;
    static final PlacementBase PLACEMENT = new PlacementBase(0x7000_0000_0000L, true);

    final MemoryFileHost host;
    final MemoryFile memory;
    final Platform platform;

    /** Guests in real stubs, or null. */
    final @Nullable RealGuests guests;

    MemoryFixture() throws ErrnoException {
        host = MemoryFileHost.create();
        memory = new MemoryFile(host);
        platform = new SimulatedPlatform();
        guests = null;
    }

    private MemoryFixture(MemoryFileHost host, Platform platform) {
        this.host = host;
        memory = new MemoryFile(host);
        this.platform = platform;
        guests = new RealGuests();
    }

    /** With real stubs. */
    static MemoryFixture real() throws ErrnoException, PlatformException {
        MemoryFileHost host = MemoryFileHost.create();
        Path stub = Path.of(System.getProperty("runsc.stub", "target/stub/stub"));
        return new MemoryFixture(
                host, StubPlatform.start(stub.toAbsolutePath(), host.file(), false));
    }

    MemoryManager newManager() throws ErrnoException {
        MemoryManager manager =
                MemoryManager.create(platform, memory, MemoryLimits.None.INSTANCE, PLACEMENT);
        if (guests != null) {
            RealGuests.prepare(manager);
        }
        return manager;
    }

    void release(MemoryManager manager) {
        if (guests != null) {
            guests.forget(manager);
        }
        for (int users = manager.users(); users > 0; users--) {
            manager.release();
        }
    }

    static SimulatedPlatform.Space space(MemoryManager manager) {
        return (SimulatedPlatform.Space) manager.addressSpace();
    }

    static long map(MemoryManager manager, long address, long pages) throws ErrnoException {
        int flags = address == 0 ? ANONYMOUS : FIXED;
        return manager.map(MapRequest.anonymous(address, pages * PAGE, READ_WRITE, flags));
    }

    /**
     * Touches memory as guest code would: through the stub's mapping, with a fault when that does
     * not allow it.
     */
    FaultResult guestWrite(MemoryManager manager, long address, long value) {
        if (guests != null) {
            return guests.write(manager, address, value);
        }
        FaultResult result = guestFault(manager, address, 2);
        if (result.resolved()) {
            SimulatedPlatform.Entry entry = entry(manager, address);
            memory.segment(entry.offset() + (address & Addresses.PAGE_MASK), Long.BYTES)
                    .set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
        }
        return result;
    }

    /** A fault is tried again as often as the host would raise it; twice is enough for any page. */
    private FaultResult guestFault(MemoryManager manager, long address, int needed) {
        SimulatedPlatform.Space space = space(manager);
        for (int tries = 0; tries < 3; tries++) {
            space.flush();
            SimulatedPlatform.Entry entry = space.table.get(Addresses.pageDown(address));
            if (entry != null
                    && (needed == 0 ? entry.protection() != 0 : (entry.protection() & 2) != 0)) {
                return FaultResult.RESOLVED;
            }
            FaultResult result = manager.handleFault(address, needed);
            if (!result.resolved()) {
                return result;
            }
        }
        throw new AssertionError("fault not resolved at " + Long.toHexString(address));
    }

    FaultResult guestTouch(MemoryManager manager, long address) {
        if (guests != null) {
            return guests.touch(manager, address);
        }
        return guestFault(manager, address, 0);
    }

    /** What the guest reads there. */
    long guestRead(MemoryManager manager, long address) {
        if (guests != null) {
            return guests.read(manager, address);
        }
        FaultResult result = guestFault(manager, address, 0);
        assertEquals(FaultResult.RESOLVED, result);
        SimulatedPlatform.Entry entry = entry(manager, address);
        long offset = entry.offset() + (address & Addresses.PAGE_MASK);
        if (entry.file() != null) {
            AreaView area = manager.findArea(address);
            if (area == null) {
                throw new AssertionError("stub maps what is no area");
            }
            return hostFileValue(manager, address);
        }
        return memory.segment(offset, Long.BYTES).get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
    }

    /** Host files are arrays of the test; the kernel reads them the same way. */
    private static long hostFileValue(MemoryManager manager, long address) {
        try {
            return manager.readLong(address);
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    /** What the stub maps there. */
    static SimulatedPlatform.Entry entry(MemoryManager manager, long address) {
        SimulatedPlatform.Entry entry = space(manager).table.get(Addresses.pageDown(address));
        if (entry == null) {
            throw new AssertionError("nothing mapped at " + Long.toHexString(address));
        }
        return entry;
    }

    static void assertErrno(Errno expected, Executable executable) {
        try {
            executable.execute();
        } catch (ErrnoException e) {
            assertEquals(expected, e.errno());
            return;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
        throw new AssertionError("expected " + expected);
    }

    /** The memory file holds nothing any more, neither by count nor on the host. */
    void assertNothingLeft() throws ErrnoException {
        memory.reclaim();
        assertEquals(0, memory.usedBytes());
        assertEquals(-1, host.nextData(0));
    }

    /** The host has memory for nothing but pages that have users. */
    void assertOnlyUsedIsCommitted() throws ErrnoException {
        memory.reclaim();
        RangeList all = new RangeList();
        host.committedIn(0, MemoryFileHost.SIZE_BYTES, all);
        assertEquals(sumOfLengths(memory.committedRanges()), sumOfLengths(all.toArray()));
    }

    private static long sumOfLengths(long[] ranges) {
        long sum = 0;
        for (int i = 1; i < ranges.length; i += 2) {
            sum += ranges[i];
        }
        return sum;
    }

    static MemorySegment bytes(String text) {
        return MemorySegment.ofArray(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws ErrnoException {
        memory.close();
        platform.close();
        host.close();
    }
}
