package dev.runsc.kernel.memory;

import static dev.runsc.kernel.memory.MemoryFixture.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.abi.RLimits;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryManagerTest {
    private MemoryFixture fixture;
    private MemoryManager manager;

    @BeforeEach
    void open() throws ErrnoException {
        fixture = new MemoryFixture();
        manager = fixture.newManager();
    }

    @AfterEach
    void close() throws ErrnoException {
        if (manager.users() > 0) {
            manager.release();
        }
        fixture.assertNothingLeft();
        fixture.close();
    }

    @Test
    void anonymousMemoryIsMappedAheadAndZero() throws ErrnoException {
        long address = map(manager, 0, 4);
        assertEquals(0x7000_0000_0000L - 4 * PAGE, address);
        space(manager).flush();
        assertEquals(4, space(manager).table.size());
        assertEquals(0, manager.readLong(address + 8));
        manager.writeLong(address + 8, 77);
        assertEquals(77, fixture.guestRead(manager, address + 8));
    }

    @Test
    void neighboursMergeDownwardAndUpward() throws ErrnoException {
        long top = map(manager, 0, 4);
        for (int i = 0; i < 100; i++) {
            map(manager, 0, 3);
        }
        manager.setBreakStart(BASE);
        for (int i = 1; i <= 100; i++) {
            long end = BASE + i * 5000L;
            assertEquals(end, manager.brk(end));
        }
        space(manager).flush();
        assertEquals(2, manager.areas(false).size());
        assertEquals(2, space(manager).hostAreas());
        assertEquals(top + 4 * PAGE, manager.areas(false).get(1).end());
        assertEquals(304 * PAGE + Addresses.pageUp(500_000), manager.statistics().virtual());
    }

    @Test
    void mmapErrors() {
        assertErrno(Errno.EINVAL, () -> map(manager, BASE, 0));
        assertErrno(Errno.EINVAL, () -> map(manager, BASE + 1, 1));
        assertErrno(Errno.ENOMEM, () -> map(manager, 0x7fff_ffff_0000L, 1));
        assertErrno(Errno.ENOMEM, () -> map(manager, 0, 1L << 40));
        assertErrno(Errno.EPERM, () -> map(manager, 4096, 1));
        assertErrno(
                Errno.EINVAL,
                () -> manager.map(MapRequest.anonymous(0, PAGE, 3, MmapFlags.MAP_ANONYMOUS)));
        int noReplace = ANONYMOUS | MmapFlags.MAP_FIXED_NOREPLACE;
        assertErrno(
                Errno.EEXIST,
                () -> {
                    map(manager, BASE, 2);
                    manager.map(MapRequest.anonymous(BASE + PAGE, PAGE, 3, noReplace));
                });
    }

    @Test
    void hintsAreTakenWhenFree() throws ErrnoException {
        assertEquals(BASE, manager.map(MapRequest.anonymous(BASE + 5, PAGE, 3, ANONYMOUS)));
        assertNotEquals(BASE, manager.map(MapRequest.anonymous(BASE, PAGE, 3, ANONYMOUS)));
        long low = manager.map(MapRequest.anonymous(0, PAGE, 3, ANONYMOUS | MmapFlags.MAP_32BIT));
        assertEquals(0x4000_0000L, low);
    }

    @Test
    void forkSharesUntilWritten() throws ErrnoException {
        long address = map(manager, 0, 64);
        manager.writeLong(address, 1);
        manager.writeLong(address + 40 * PAGE, 2);
        MemoryManager child = manager.fork(fixture.platform, MemoryLimits.None.INSTANCE);
        assertEquals(64 * PAGE, fixture.memory.usedBytes());
        assertEquals(1, fixture.guestRead(child, address));
        fixture.guestWrite(child, address, 3);
        assertEquals(1, fixture.guestRead(manager, address));
        assertEquals(3, fixture.guestRead(child, address));
        assertEquals(2, fixture.guestRead(child, address + 40 * PAGE));
        manager.writeLong(address + 40 * PAGE, 4);
        assertEquals(2, fixture.guestRead(child, address + 40 * PAGE));
        child.release();
        fixture.memory.reclaim();
        // The only user left takes its pages back in one piece.
        int before = space(manager).requests.size();
        fixture.guestWrite(manager, address + 8 * PAGE, 5);
        fixture.guestWrite(manager, address + 30 * PAGE, 6);
        assertTrue(space(manager).requests.size() - before <= 2);
    }

    @Test
    void protectionIsEnforced() throws ErrnoException {
        long address = map(manager, BASE, 3);
        manager.protect(address + PAGE, PAGE, READ);
        assertEquals(FaultResult.NOT_ALLOWED, fixture.guestWrite(manager, address + PAGE, 1));
        assertEquals(FaultResult.RESOLVED, fixture.guestWrite(manager, address, 1));
        assertEquals(FaultResult.NOT_ALLOWED, manager.handleFault(address, 16));
        assertEquals(FaultResult.NOT_MAPPED, manager.handleFault(address + 3 * PAGE, 0));
        assertErrno(Errno.EFAULT, () -> manager.writeInt(address + PAGE, 1));
        manager.protect(address + PAGE, PAGE, 0);
        assertErrno(Errno.EFAULT, () -> manager.readInt(address + PAGE));
        assertEquals(FaultResult.NOT_ALLOWED, fixture.guestTouch(manager, address + PAGE));
        manager.protect(address, 3 * PAGE, READ_WRITE);
        assertEquals(1, manager.areas(false).size());
        assertErrno(Errno.ENOMEM, () -> manager.protect(address, 4 * PAGE, READ));
        assertEquals(READ, manager.areas(false).get(0).protection());
    }

    @Test
    void stackGrowsUnderItsLimit() throws ErrnoException {
        long top = 0x7000_0000L;
        manager.map(
                MapRequest.anonymous(
                                top - 4 * PAGE,
                                4 * PAGE,
                                READ_WRITE,
                                FIXED | MmapFlags.MAP_GROWSDOWN)
                        .withName("[stack]"));
        manager.setLimits(new Limits(RLimits.RLIMIT_STACK, 40 * PAGE));
        assertEquals(FaultResult.RESOLVED, fixture.guestWrite(manager, top - 20 * PAGE, 1));
        assertEquals(FaultResult.RESOLVED, fixture.guestWrite(manager, top - 40 * PAGE, 1));
        assertEquals(FaultResult.NOT_MAPPED, fixture.guestWrite(manager, top - 41 * PAGE, 1));
        assertEquals(40 * PAGE, manager.statistics().stack());
        manager.writeInt(top - 40 * PAGE, 3);
        assertEquals(1, manager.areas(false).size());
    }

    @Test
    void stackKeepsItsDistance() throws ErrnoException {
        long top = 0x7000_0000L;
        int grows = FIXED | MmapFlags.MAP_GROWSDOWN;
        manager.map(MapRequest.anonymous(top, PAGE, READ_WRITE, grows));
        map(manager, top - 300 * PAGE, 1);
        long lowest = top - 299 * PAGE + 256 * PAGE;
        assertEquals(FaultResult.NOT_MAPPED, manager.handleFault(lowest - PAGE, 2));
        assertEquals(FaultResult.RESOLVED, manager.handleFault(lowest, 2));
    }

    @Test
    void privateFileMapping() throws ErrnoException {
        TestFile file = TestFile.onHost(5 * 4096 + 100);
        for (int i = 0; i < 5 * 4096 + 100; i++) {
            file.contents()[i] = (byte) (i / 4096 + 1);
        }
        long address =
                manager.map(
                        MapRequest.file(
                                BASE,
                                8 * PAGE,
                                READ_WRITE,
                                MmapFlags.MAP_PRIVATE | MmapFlags.MAP_FIXED,
                                file,
                                0));
        assertEquals(1, file.observers.size());
        assertEquals(3, manager.readByte(address + 2 * PAGE));
        assertEquals(FaultResult.NO_BACKING, fixture.guestTouch(manager, address + 6 * PAGE));
        assertErrno(Errno.EFAULT, () -> manager.readByte(address + 6 * PAGE));
        assertEquals(FaultResult.RESOLVED, fixture.guestWrite(manager, address + 2 * PAGE, 9));
        assertEquals(9, manager.readLong(address + 2 * PAGE));
        assertEquals(0x0202020202020202L, manager.readLong(address + PAGE));
        assertEquals(0x0303030303030303L, manager.readLong(address + 2 * PAGE + 8));
        manager.advise(address + 2 * PAGE, PAGE, MmapFlags.MADV_DONTNEED);
        assertEquals(0x0303030303030303L, fixture.guestRead(manager, address + 2 * PAGE));
        manager.unmap(address, 4 * PAGE);
        assertEquals(1, file.observers.size());
        manager.unmap(address, 8 * PAGE);
        assertEquals(0, file.observers.size());
    }

    @Test
    void sharedFileMapping() throws ErrnoException {
        TestFile file = TestFile.inMemory(fixture.memory, 4 * 4096);
        int flags = MmapFlags.MAP_SHARED;
        long one = manager.map(MapRequest.file(0, 4 * PAGE, READ_WRITE, flags, file, 0));
        long two = manager.map(MapRequest.file(0, 2 * PAGE, READ, flags, file, PAGE));
        int before = file.translations;
        assertEquals(FaultResult.RESOLVED, fixture.guestWrite(manager, one + PAGE, 5));
        assertEquals(before + 1, file.translations);
        assertEquals(5, fixture.guestRead(manager, two));
        assertEquals(FaultResult.NOT_ALLOWED, fixture.guestWrite(manager, two, 5));
        assertEquals(manager.keyOf(one + PAGE + 4, false), manager.keyOf(two + 4, false));
        assertNotEquals(manager.keyOf(one + PAGE, true), manager.keyOf(two, true));
        for (Mappable.MappingObserver observer : List.copyOf(file.observers)) {
            observer.invalidate(PAGE, PAGE);
        }
        assertNull(space(manager).table.get(two));
        assertEquals(5, fixture.guestRead(manager, two));
        assertErrno(
                Errno.EACCES,
                () ->
                        manager.map(
                                MapRequest.file(0, PAGE, READ_WRITE, flags, file, 0)
                                        .withMaxProtection(READ)));
        manager.release();
        assertEquals(0, file.observers.size());
        file.free(fixture.memory);
    }

    @Test
    void sharedAnonymousMemoryIsSeenByChildren() throws ErrnoException {
        int flags = MmapFlags.MAP_SHARED | MmapFlags.MAP_ANONYMOUS;
        long address = manager.map(MapRequest.anonymous(0, 4 * PAGE, READ_WRITE, flags));
        MemoryManager child = manager.fork(fixture.platform, MemoryLimits.None.INSTANCE);
        int requests = space(child).requests.size();
        fixture.guestWrite(child, address, 12);
        assertEquals(requests, space(child).requests.size());
        assertEquals(12, fixture.guestRead(manager, address));
        assertEquals(manager.keyOf(address, false), child.keyOf(address, false));
        AreaView area = manager.areas(false).get(0);
        assertEquals("rw-s", area.permissions());
        assertEquals("/dev/zero (deleted)", area.name());
        manager.release();
        assertEquals(12, child.readInt(address));
        child.release();
    }

    @Test
    void remapGrowsInPlaceOrMoves() throws ErrnoException {
        long address = map(manager, BASE, 2);
        map(manager, BASE + 4 * PAGE, 1);
        manager.writeLong(address + PAGE, 5);
        assertEquals(address, manager.remap(address, 2 * PAGE, 4 * PAGE, 0, 0));
        assertErrno(Errno.ENOMEM, () -> manager.remap(address, 4 * PAGE, 5 * PAGE, 0, 0));
        // Both areas are one by now, and a part of one cannot grow in place.
        long moved = manager.remap(address, 4 * PAGE, 9 * PAGE, MmapFlags.MREMAP_MAYMOVE, 0);
        assertNotEquals(address, moved);
        assertEquals(5, fixture.guestRead(manager, moved + PAGE));
        assertEquals(0, fixture.guestRead(manager, moved + 8 * PAGE));
        assertErrno(Errno.EFAULT, () -> manager.readInt(address));
        int keep = MmapFlags.MREMAP_MAYMOVE | MmapFlags.MREMAP_DONTUNMAP;
        long again = manager.remap(moved, 2 * PAGE, 2 * PAGE, keep, 0);
        assertEquals(5, fixture.guestRead(manager, again + PAGE));
        assertEquals(0, fixture.guestRead(manager, moved + PAGE));
    }

    @Test
    void dontNeedGivesZerosAndMemoryBack() throws ErrnoException {
        long address = map(manager, 0, 64);
        manager.zero(address, 64 * PAGE);
        assertEquals(64 * PAGE, manager.statistics().resident());
        MemoryManager child = manager.fork(fixture.platform, MemoryLimits.None.INSTANCE);
        manager.writeLong(address, 4);
        child.writeLong(address, 5);
        manager.advise(address, 32 * PAGE, MmapFlags.MADV_DONTNEED);
        assertEquals(0, fixture.guestRead(manager, address));
        assertEquals(5, fixture.guestRead(child, address));
        child.release();
        manager.advise(address, 64 * PAGE, MmapFlags.MADV_DONTNEED);
        fixture.memory.reclaim();
        assertEquals(0, manager.statistics().resident());
    }

    @Test
    void hugeReservationsCostNothing() throws ErrnoException {
        long length = 3L << 40;
        int flags = ANONYMOUS | MmapFlags.MAP_NORESERVE;
        long address = manager.map(MapRequest.anonymous(0, length, READ_WRITE, flags));
        assertEquals(FaultResult.RESOLVED, fixture.guestWrite(manager, address + length / 2, 8));
        assertEquals(8, manager.readLong(address + length / 2));
        assertEquals(0, manager.readLong(address + length - 8));
        long none = manager.map(MapRequest.anonymous(0, 8L << 40, 0, flags));
        manager.protect(none + (1L << 40), 1 << 20, READ_WRITE);
        assertEquals(FaultResult.RESOLVED, fixture.guestWrite(manager, none + (1L << 40) + 8, 3));
    }

    @Test
    void moreThanTheMachineHasIsRefused() throws ErrnoException {
        long machine = 1L << 30;
        fixture.memory.setMachineBytes(machine);
        long more = machine + PAGE;
        assertErrno(
                Errno.ENOMEM,
                () -> manager.map(MapRequest.anonymous(0, more, READ_WRITE, ANONYMOUS)));
        int unreserved = ANONYMOUS | MmapFlags.MAP_NORESERVE;
        manager.map(MapRequest.anonymous(0, more, READ_WRITE, unreserved));
        long reads = manager.map(MapRequest.anonymous(0, more, READ, ANONYMOUS));
        assertErrno(Errno.ENOMEM, () -> manager.protect(reads, more, READ_WRITE));
        manager.map(MapRequest.anonymous(0, machine, READ_WRITE, ANONYMOUS));
    }

    @Test
    void forcedWritesKeepTheProtection() throws ErrnoException {
        TestFile file = TestFile.onHost(2 * 4096);
        int flags = MmapFlags.MAP_PRIVATE;
        long text = manager.map(MapRequest.file(0, 2 * PAGE, 5, flags, file, 0));
        manager.forceWrite(text + 8, bytes("patched!"));
        assertErrno(Errno.EFAULT, () -> manager.writeInt(text, 1));
        byte[] back = new byte[8];
        manager.copyIn(text + 8, back);
        assertArrayEquals("patched!".getBytes(java.nio.charset.StandardCharsets.UTF_8), back);
        assertEquals(5, entry(manager, text).protection());
        assertEquals(5, manager.areas(false).get(0).protection());
        MemoryManager child = manager.fork(fixture.platform, MemoryLimits.None.INSTANCE);
        child.forceWrite(text + 8, bytes("again!!!"));
        manager.copyIn(text + 8, back);
        assertArrayEquals("patched!".getBytes(java.nio.charset.StandardCharsets.UTF_8), back);
        child.release();
    }

    @Test
    void stringsAndBuffers() throws ErrnoException {
        long address = map(manager, BASE, 2);
        manager.copyOut(address + 2 * PAGE - 5, bytes("abcd\0"));
        assertEquals(4, manager.readCString(address + 2 * PAGE - 5, 100).length);
        manager.copyOut(address + 2 * PAGE - 5, bytes("abcde"));
        assertErrno(Errno.EFAULT, () -> manager.readCString(address + 2 * PAGE - 5, 100));
        assertErrno(Errno.ENAMETOOLONG, () -> manager.readCString(address + 2 * PAGE - 5, 5));
        UserBuffer buffer = manager.buffer(address + 2 * PAGE - 3, 10);
        assertEquals(3, buffer.put(bytes("0123456789")));
        assertErrno(Errno.EFAULT, () -> buffer.put(bytes("x")));
        assertErrno(Errno.EFAULT, () -> manager.buffer(address, -1));
        assertErrno(Errno.EFAULT, () -> manager.buffer(-1, 1));
        UserBuffer vector =
                manager.buffer(
                        List.of(
                                new Iovec(address, 3),
                                new Iovec(0, 0),
                                new Iovec(address + 10, 4)));
        assertEquals(7, vector.put(bytes("0123456789")));
        byte[] back = new byte[14];
        manager.copyIn(address, back);
        assertEquals('2', back[2]);
        assertEquals('3', back[10]);
        assertEquals(0, vector.remaining());
        UserBuffer both = manager.buffer(List.of(new Iovec(address, 3), new Iovec(4, 8)));
        assertEquals(3, both.take(MemorySegment.ofArray(new byte[20])));
        assertErrno(Errno.EINVAL, () -> manager.buffer(List.of(new Iovec(address, -5))));
    }

    @Test
    void futexWords() throws ErrnoException {
        long address = map(manager, BASE, 1);
        manager.writeInt(address + 4, 7);
        assertEquals(7, manager.getIntVolatile(address + 4));
        assertTrue(manager.compareAndSetInt(address + 4, 7, 8));
        assertEquals(8, manager.compareAndExchangeInt(address + 4, 7, 9));
        assertErrno(Errno.EINVAL, () -> manager.getIntVolatile(address + 2));
        assertErrno(Errno.EFAULT, () -> manager.getIntVolatile(address + PAGE));
        manager.protect(address, PAGE, READ);
        assertErrno(Errno.EFAULT, () -> manager.compareAndSetInt(address, 0, 1));
        assertEquals(8, manager.getIntVolatile(address + 4));
    }

    @Test
    void limitsHold() throws ErrnoException {
        map(manager, BASE, 10);
        manager.setLimits(new Limits(RLimits.RLIMIT_AS, 12 * PAGE));
        assertErrno(Errno.ENOMEM, () -> map(manager, 0, 3));
        map(manager, BASE + 5 * PAGE, 7);
        manager.setLimits(new Limits(RLimits.RLIMIT_DATA, 12 * PAGE));
        assertErrno(Errno.ENOMEM, () -> map(manager, 0, 1));
        long reads = manager.map(MapRequest.anonymous(0, PAGE, READ, ANONYMOUS));
        assertErrno(Errno.ENOMEM, () -> manager.protect(reads, PAGE, READ_WRITE));
        manager.setLimits(new Limits(RLimits.RLIMIT_MEMLOCK, 2 * PAGE));
        manager.lock(BASE, 2 * PAGE, 0);
        manager.lock(BASE, 2 * PAGE, 0);
        assertErrno(Errno.ENOMEM, () -> manager.lock(BASE, 3 * PAGE, 0));
        assertEquals(2 * PAGE, manager.statistics().locked());
        assertErrno(Errno.EINVAL, () -> manager.advise(BASE, PAGE, MmapFlags.MADV_DONTNEED));
        manager.unlock(BASE, 10 * PAGE);
        assertEquals(0, manager.statistics().locked());
        assertEquals(2, manager.areas(false).size());
    }

    @Test
    void sharedUsersDeferTheReleaseOfPages() throws ErrnoException {
        long address = map(manager, BASE, 4);
        manager.writeLong(address, 1);
        space(manager).flush();
        manager.retain();
        manager.unmap(address, 4 * PAGE);
        // Still mapped in the stub, whose other thread may run: the pages are not given up yet.
        assertEquals(4 * PAGE, fixture.memory.usedBytes());
        fixture.memory.reclaim();
        assertEquals(0, fixture.memory.usedBytes());
        assertTrue(space(manager).table.isEmpty());
        manager.release();
    }

    @Test
    void forkFlags() throws ErrnoException {
        long address = map(manager, BASE, 3);
        manager.writeLong(address, 1);
        manager.writeLong(address + PAGE, 2);
        manager.writeLong(address + 2 * PAGE, 3);
        manager.advise(address, PAGE, MmapFlags.MADV_DONTFORK);
        manager.advise(address + PAGE, PAGE, MmapFlags.MADV_WIPEONFORK);
        MemoryManager child = manager.fork(fixture.platform, MemoryLimits.None.INSTANCE);
        assertErrno(Errno.EFAULT, () -> child.readLong(address));
        assertEquals(0, child.readLong(address + PAGE));
        assertEquals(3, child.readLong(address + 2 * PAGE));
        assertEquals(2 * PAGE, child.statistics().virtual());
        child.release();
    }

    @Test
    void namesShow() throws ErrnoException {
        long address = map(manager, BASE, 3);
        manager.setAreaName(address + PAGE, PAGE, "cache");
        assertEquals(3, manager.areas(false).size());
        assertEquals("[anon:cache]", manager.areas(false).get(1).name());
        manager.setAreaName(address, 3 * PAGE, null);
        assertEquals(1, manager.areas(false).size());
    }

    /** One limit. */
    private record Limits(int resource, long bytes) implements MemoryLimits {
        @Override
        public long softLimit(int asked) {
            return asked == resource ? bytes : UNLIMITED;
        }

        @Override
        public boolean mayLockAnyAmount() {
            return false;
        }
    }
}
