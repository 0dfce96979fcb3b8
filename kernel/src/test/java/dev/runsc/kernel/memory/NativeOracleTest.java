package dev.runsc.kernel.memory;

import static dev.runsc.kernel.memory.MemoryFixture.PAGE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.abi.SyscallNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The same random calls on the host's kernel and on ours, in the same range of addresses: results,
 * areas and contents must agree. {@code -Dseed=N} repeats a run.
 */
@SuppressWarnings("NullAway.Init") // made anew for each run
class NativeOracleTest {
    private static final long ARENA = 0x200_0000_0000L;
    private static final int PAGES = 64;
    private static final int STEPS = Integer.getInteger("steps", 800);
    private static final int RUNS = 2;
    private static final int FILE_PAGES = 12;
    private static final int FILE_BYTES = (FILE_PAGES - 1) * 4096 + 100;
    private static final int MREMAP_FLAGS = 7;
    private static final int LOCK_STEPS = Integer.getInteger("lockSteps", 64);

    private final List<String> log = new ArrayList<>();
    private SplittableRandom random = new SplittableRandom(0);
    private MemoryManager manager;
    private TestFile file;
    private int nativeFile = -1;
    private boolean sharedFile;

    @Test
    void agreesWithLinux() throws ErrnoException {
        long seed = Long.getLong("seed", 1);
        System.out.println("NativeOracleTest seed " + seed);
        for (int run = 0; run < RUNS; run++) {
            random = new SplittableRandom(seed + run);
            log.clear();
            sharedFile = run % 2 == 0;
            try (MemoryFixture fixture = new MemoryFixture()) {
                manager = fixture.newManager();
                file = TestFile.inMemory(fixture.memory, FILE_BYTES);
                nativeFile = NativeMemory.newFile(FILE_BYTES);
                run(fixture);
                manager.release();
                assertEquals(0, file.observers.size());
                file.free(fixture.memory);
                fixture.assertNothingLeft();
            } catch (AssertionError e) {
                int from = Math.max(0, log.size() - Integer.getInteger("logLines", 40));
                throw new AssertionError(
                        "seed "
                                + (seed + run)
                                + "\n"
                                + String.join("\n", log.subList(from, log.size())),
                        e);
            } finally {
                NativeMemory.call(SyscallNumbers.SYS_close, nativeFile);
                NativeMemory.munmap(ARENA, PAGES * PAGE);
            }
        }
    }

    private void run(MemoryFixture fixture) throws ErrnoException {
        for (int step = 0; step < STEPS; step++) {
            step();
            if (step % 4 == 0) {
                compareAreas();
            }
            if (step % 8 == 0) {
                comparePages(fixture);
            }
            if (step % LOCK_STEPS == 0) {
                compareLocks();
            }
        }
    }

    private interface Ours {
        long call() throws ErrnoException;
    }

    private void both(String what, long theirs, Ours ours) {
        long mine;
        try {
            mine = ours.call();
        } catch (ErrnoException e) {
            mine = e.errno().result();
        }
        log.add(what + " = " + Long.toHexString(theirs));
        assertEquals(theirs, mine, what);
    }

    private long place() {
        return ARENA + random.nextInt(PAGES) * PAGE;
    }

    private long length(long address) {
        long most = Math.min(16, (ARENA + PAGES * PAGE - address) / PAGE);
        long length = (1 + random.nextLong(most)) * PAGE;
        return random.nextInt(6) == 0 ? length - random.nextInt(1, 4096) : length;
    }

    private int protection() {
        int any = random.nextInt(3) == 0 ? random.nextInt(8) : MemoryFixture.READ_WRITE;
        // With protection keys Linux makes memory that is only executable unreadable; we do not.
        return any == MmapFlags.PROT_EXEC ? any | MmapFlags.PROT_READ : any;
    }

    private void step() {
        long address = place();
        long length = length(address);
        switch (random.nextInt(16)) {
            case 0, 1, 2 -> mmap(address, length);
            case 3 ->
                    both(
                            "munmap " + text(address, length),
                            NativeMemory.munmap(address, length),
                            () -> {
                                manager.unmap(address, length);
                                return 0;
                            });
            case 4, 5 -> mprotect(address, length);
            case 6, 7 -> mremap(address, length);
            case 8 -> madvise(address, length);
            case 9 -> other(address, length);
            default -> write(address);
        }
    }

    private static String text(long address, long length) {
        return Long.toHexString((address - ARENA) / PAGE) + "+" + Long.toHexString(length);
    }

    private void mmap(long address, long length) {
        int protection = protection();
        int flags = MmapFlags.MAP_ANONYMOUS;
        flags |= random.nextInt(4) == 0 ? MmapFlags.MAP_SHARED : MmapFlags.MAP_PRIVATE;
        flags |=
                switch (random.nextInt(8)) {
                    case 0 -> MmapFlags.MAP_FIXED_NOREPLACE;
                    case 1 -> 0;
                    case 2 -> MmapFlags.MAP_FIXED | MmapFlags.MAP_LOCKED;
                    case 3 -> MmapFlags.MAP_FIXED | MmapFlags.MAP_NORESERVE;
                    default -> MmapFlags.MAP_FIXED;
                };
        if (random.nextInt(40) == 0) {
            flags &= ~MmapFlags.MAP_TYPE;
        }
        boolean onFile = random.nextInt(3) == 0;
        if (onFile) {
            // Never both in one run: a private copy takes more than the page written, so that it
            // may miss what is written to its neighbours through a shared mapping afterwards.
            flags &= ~(MmapFlags.MAP_ANONYMOUS | MmapFlags.MAP_TYPE);
            flags |= sharedFile ? MmapFlags.MAP_SHARED : MmapFlags.MAP_PRIVATE;
        }
        int all = flags;
        long offset = onFile ? random.nextInt(FILE_PAGES) * PAGE : 0;
        long theirs =
                NativeMemory.mmap(
                        address, length, protection, all, onFile ? nativeFile : -1, offset);
        boolean elsewhere = theirs > 0 && (all & MmapFlags.MAP_FIXED) == 0 && theirs != address;
        if (elsewhere) {
            NativeMemory.munmap(theirs, length);
        }
        both(
                "mmap "
                        + text(address, length)
                        + " prot "
                        + protection
                        + " flags "
                        + all
                        + (onFile ? " file " + offset : ""),
                elsewhere ? 1 : theirs,
                () -> {
                    long mine =
                            manager.map(
                                    onFile
                                            ? MapRequest.file(
                                                    address, length, protection, all, file, offset)
                                            : MapRequest.anonymous(
                                                    address, length, protection, all));
                    if (mine != address) {
                        manager.unmap(mine, length);
                        return 1;
                    }
                    return mine;
                });
    }

    private void mprotect(long address, long length) {
        int protection = random.nextInt(20) == 0 ? random.nextInt(8, 64) : protection();
        long at = random.nextInt(20) == 0 ? address + 1 : address;
        both(
                "mprotect " + text(at, length) + " prot " + protection,
                NativeMemory.call(SyscallNumbers.SYS_mprotect, at, length, protection),
                () -> {
                    manager.protect(at, length, protection);
                    return 0;
                });
    }

    private void mremap(long address, long oldLength) {
        long target = place();
        long newLength = random.nextInt(3) == 0 ? oldLength : length(target);
        int flags =
                random.nextInt(4) == 0
                        ? random.nextInt(MREMAP_FLAGS + 1)
                        : random.nextBoolean()
                                ? MmapFlags.MREMAP_MAYMOVE | MmapFlags.MREMAP_FIXED
                                : 0;
        boolean fixed = (flags & MmapFlags.MREMAP_FIXED) != 0;
        if ((flags & MmapFlags.MREMAP_MAYMOVE) != 0 && !fixed) {
            flags &= ~MmapFlags.MREMAP_MAYMOVE;
        }
        if (fixed && spansSeveral(address, oldLength) || differentlyJoined(address)) {
            return; // newer kernels move several areas at once
        }
        if ((fixed ? target : address) + Addresses.pageUp(newLength) > ARENA + PAGES * PAGE) {
            return;
        }
        if ((flags & MmapFlags.MREMAP_DONTUNMAP) != 0 && isLocked(address)) {
            return; // which neighbours lose the lock too depends on what was touched before
        }
        int all = flags;
        long length = random.nextInt(12) == 0 ? 0 : oldLength;
        both(
                String.format(
                        "mremap %s to %x at %s flags %d",
                        text(address, length), newLength, text(target, newLength), all),
                NativeMemory.call(
                        SyscallNumbers.SYS_mremap, address, length, newLength, all, target),
                () -> manager.remap(address, length, newLength, all, target));
    }

    private boolean spansSeveral(long address, long length) {
        AreaView area = manager.findArea(address);
        return area != null && area.end() < address + Addresses.pageUp(length);
    }

    private boolean isLocked(long address) {
        AreaView area = manager.findArea(address);
        return area != null && area.vmFlags().contains("lo ");
    }

    /** Linux keeps neighbours apart that were touched before they met. */
    private boolean differentlyJoined(long address) {
        AreaView mine = manager.findArea(address);
        List<NativeMemory.Line> theirs = NativeMemory.areas(address, address + PAGE, false);
        return mine != null
                && !theirs.isEmpty()
                && (mine.start() != theirs.get(0).start() || mine.end() != theirs.get(0).end());
    }

    private void madvise(long address, long length) {
        int[] advices = {
            0, 1, 2, 3, 4, 4, 4, 9, 10, 11, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 7, 5
        };
        int advice = advices[random.nextInt(advices.length)];
        both(
                "madvise " + text(address, length) + " " + advice,
                NativeMemory.call(SyscallNumbers.SYS_madvise, address, length, advice),
                () -> {
                    manager.advise(address, length, advice);
                    return 0;
                });
    }

    private void other(long address, long length) {
        int kind = random.nextInt(4);
        int flags = random.nextInt(8);
        String what = text(address, length);
        switch (kind) {
            case 0 ->
                    both(
                            "msync " + what + " " + flags,
                            NativeMemory.call(SyscallNumbers.SYS_msync, address, length, flags),
                            () -> {
                                manager.sync(address, length, flags);
                                return 0;
                            });
            case 1 ->
                    both(
                            "mlock2 " + what + " " + (flags & 3),
                            NativeMemory.call(
                                    SyscallNumbers.SYS_mlock2, address, length, flags & 3),
                            () -> {
                                manager.lock(address, length, flags & 3);
                                return 0;
                            });
            default ->
                    both(
                            "munlock " + what,
                            NativeMemory.call(SyscallNumbers.SYS_munlock, address, length),
                            () -> {
                                manager.unlock(address, length);
                                return 0;
                            });
        }
    }

    private void write(long page) {
        long address = page + 8L * random.nextInt(512);
        long value = random.nextLong();
        both(
                "write " + text(address, 8),
                NativeMemory.write(address, value),
                () -> {
                    manager.writeLong(address, value);
                    return 0;
                });
    }

    private void compareAreas() {
        StringBuilder theirs = new StringBuilder();
        for (NativeMemory.Line line : NativeMemory.areas(ARENA, ARENA + PAGES * PAGE, true)) {
            append(theirs, line.start(), line.end(), line.permissions());
        }
        StringBuilder mine = new StringBuilder();
        for (AreaView area : manager.areas(false)) {
            append(mine, area.start(), area.end(), area.permissions());
        }
        assertEquals(theirs.toString(), mine.toString());
    }

    /** Which pages are locked. */
    private void compareLocks() {
        StringBuilder theirs = new StringBuilder();
        for (NativeMemory.Line line : NativeMemory.lockedAreas(ARENA, ARENA + PAGES * PAGE)) {
            append(theirs, line.start(), line.end(), "");
        }
        StringBuilder mine = new StringBuilder();
        for (AreaView area : manager.areas(false)) {
            if (area.vmFlags().contains("lo ")) {
                append(mine, area.start(), area.end(), "");
            }
        }
        assertEquals(theirs.toString(), mine.toString(), "locked pages");
    }

    /** Page by page: which neighbours the host joins depends on what was touched before. */
    private static void append(StringBuilder text, long start, long end, String permissions) {
        for (long at = start; at < end; at += PAGE) {
            text.append((at - ARENA) / PAGE).append(permissions).append('\n');
        }
    }

    private void comparePages(MemoryFixture fixture) {
        long offset = 8L * random.nextInt(512);
        for (int page = 0; page < PAGES; page++) {
            long address = ARENA + page * PAGE + offset;
            long theirs = NativeMemory.read(address);
            if (theirs == 0) {
                theirs = NativeMemory.lastRead();
                long expected = theirs;
                both("read " + text(address, 8), expected, () -> manager.readLong(address));
                assertEquals(expected, fixture.guestRead(manager, address));
            } else {
                both("read " + text(address, 8), theirs, () -> manager.readLong(address));
            }
            log.removeLast();
        }
    }
}
