package dev.runsc.kernel.memory;

import static dev.runsc.kernel.memory.MemoryFixture.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.ObjectGraph;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.RestoreException;
import dev.runsc.state.Savable;
import dev.runsc.state.StateException;
import dev.runsc.state.StateSchema;
import dev.runsc.state.ValueAdapter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Address spaces that are saved, and go on in another kernel with another memory file. */
class MemoryRestoreTest {
    /** What an image of these tests holds. */
    static final class Root implements Savable {
        final MemoryFile memory;
        final ArrayList<MemoryManager> managers = new ArrayList<>();

        Root(MemoryFile memory) {
            this.memory = memory;
        }
    }

    private static final class LockAdapter implements ValueAdapter<KernelLock> {
        @Override
        public Object toValue(KernelLock lock) {
            return lock.lockClass();
        }

        @Override
        public KernelLock fromValue(@Nullable Object value) {
            if (value instanceof LockClass lockClass) {
                return new KernelLock(lockClass);
            }
            throw new IllegalArgumentException("no lock class");
        }
    }

    private static StateSchema schema() {
        return MemoryTypes.register(StateSchema.builder())
                .type("test.Root", 1, Root.class)
                .type("test.File", 1, TestFile.class)
                .type("sync.LockClass", 1, LockClass.class)
                .adapter("sync.KernelLock", 1, KernelLock.class, new LockAdapter())
                .build();
    }

    /** Copies the pages as a checkpoint and a restore do together. */
    private static void copyPages(MemoryFixture from, MemoryFixture to) throws ErrnoException {
        long[] ranges = from.memory.committedRanges();
        for (int i = 0; i < ranges.length; i += 2) {
            MemorySegment.copy(
                    from.memory.segment(ranges[i], ranges[i + 1]),
                    0,
                    to.memory.segment(ranges[i], ranges[i + 1]),
                    0,
                    ranges[i + 1]);
        }
    }

    private static Root copy(Root root, MemoryFixture from, MemoryFixture to)
            throws ErrnoException, StateException {
        root.memory.reclaim();
        copyPages(from, to);
        RestoreContext context =
                RestoreContext.builder()
                        .put(MemoryFileHost.class, to.host)
                        .put(Platform.class, to.platform)
                        .build();
        return ObjectGraph.copy(schema(), root, context);
    }

    @Test
    void everyReachableTypeIsRegistered() {
        // Programs that run are the loader's, a layer above.
        assertEquals(
                List.of(
                        "memory.MemoryManager.program: no registered type implements"
                                + " dev.runsc.kernel.memory.ProgramHold"),
                schema().verifyReachable(MemoryManager.class));
        assertEquals(List.of(), schema().verifyReachable(MemoryFile.class));
        assertEquals(List.of(), schema().verifyReachable(FutexKey.class));
    }

    @Test
    void aFamilyGoesOnWhereItWas() throws ErrnoException, StateException {
        try (MemoryFixture before = new MemoryFixture();
                MemoryFixture after = new MemoryFixture()) {
            Root root = new Root(before.memory);
            MemoryManager parent = before.newManager();
            long heap = map(parent, BASE, 64);
            parent.writeLong(heap, 1);
            parent.writeLong(heap + 50 * PAGE, 2);
            TestFile text = TestFile.onHost(8192);
            text.contents()[4096] = 77;
            long code = parent.map(MapRequest.file(0, 2 * PAGE, 5, MmapFlags.MAP_PRIVATE, text, 0));
            int shared = MmapFlags.MAP_SHARED | MmapFlags.MAP_ANONYMOUS;
            long common = parent.map(MapRequest.anonymous(0, PAGE, READ_WRITE, shared));
            long unused = map(parent, 0, 1);
            parent.unmap(unused, PAGE);
            MemoryManager child = parent.fork(before.platform, MemoryLimits.None.INSTANCE);
            child.writeLong(heap, 3);
            child.forceWrite(code + 8, bytes("12345678"));
            root.managers.add(parent);
            root.managers.add(child);

            Root restored = copy(root, before, after);
            parent.release();
            child.release();
            before.assertNothingLeft();

            MemoryManager newParent = restored.managers.get(0);
            MemoryManager newChild = restored.managers.get(1);
            assertEquals(1, after.guestRead(newParent, heap));
            assertEquals(3, after.guestRead(newChild, heap));
            assertEquals(2, after.guestRead(newChild, heap + 50 * PAGE));
            after.guestWrite(newParent, heap + 50 * PAGE, 4);
            assertEquals(2, after.guestRead(newChild, heap + 50 * PAGE));
            assertEquals(77, newParent.readByte(code + 4096));
            assertEquals(77, after.guestRead(newChild, code + 4096));
            assertEquals(0x3837363534333231L, after.guestRead(newChild, code + 8));
            assertEquals(0, newParent.readLong(code + 8));
            after.guestWrite(newChild, common, 9);
            assertEquals(9, newParent.readLong(common));
            assertEquals(newParent.keyOf(common, false), newChild.keyOf(common, false));
            MemoryManager grandchild = newChild.fork(after.platform, MemoryLimits.None.INSTANCE);
            grandchild.writeLong(heap, 8);
            assertEquals(3, newChild.readLong(heap));
            newParent.release();
            newChild.release();
            grandchild.release();
            assertNothingLeft(restored.memory, after);
            restored.memory.close();
        }
    }

    private static void assertNothingLeft(MemoryFile memory, MemoryFixture fixture)
            throws ErrnoException {
        memory.reclaim();
        assertEquals(0, memory.usedBytes());
        assertEquals(-1, fixture.host.nextData(0));
    }

    @Test
    void randomFamiliesSurvive() throws ErrnoException, StateException {
        long seed = Long.getLong("seed", 1);
        System.out.println("MemoryRestoreTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        try (MemoryFixture before = new MemoryFixture();
                MemoryFixture after = new MemoryFixture()) {
            Root root = new Root(before.memory);
            root.managers.add(before.newManager());
            for (int i = 0; i < 400; i++) {
                disturb(root, before, random);
            }
            Root restored = copy(root, before, after);
            for (int i = 0; i < root.managers.size(); i++) {
                MemoryManager old = root.managers.get(i);
                MemoryManager now = restored.managers.get(i);
                assertEquals(old.areas(false), now.areas(false));
                for (AreaView area : old.areas(false)) {
                    for (long at = area.start(); at < area.end(); at += PAGE) {
                        assertEquals(before.guestRead(old, at), after.guestRead(now, at));
                    }
                }
                assertEquals(old.statistics().virtual(), now.statistics().virtual());
            }
            root.managers.forEach(MemoryManager::release);
            restored.managers.forEach(MemoryManager::release);
            before.assertNothingLeft();
            assertNothingLeft(restored.memory, after);
            restored.memory.close();
        }
    }

    private static void disturb(Root root, MemoryFixture fixture, SplittableRandom random)
            throws ErrnoException {
        MemoryManager manager = root.managers.get(random.nextInt(root.managers.size()));
        long address = BASE + random.nextInt(100) * PAGE;
        long length = (1 + random.nextInt(20)) * PAGE;
        switch (random.nextInt(8)) {
            case 0 -> map(manager, address, length / PAGE);
            case 1 -> manager.unmap(address, length);
            case 2 -> {
                if (root.managers.size() < 6) {
                    root.managers.add(manager.fork(fixture.platform, MemoryLimits.None.INSTANCE));
                }
            }
            default -> {
                if (manager.findArea(address) != null) {
                    manager.writeLong(address, random.nextLong());
                }
            }
        }
    }

    @Test
    void damagedCountsAreRefused() throws ErrnoException {
        try (MemoryFixture fixture = new MemoryFixture()) {
            MemoryManager manager = fixture.newManager();
            map(manager, BASE, 4);
            Root root = new Root(fixture.memory);
            root.managers.add(manager);
            RestoreContext none = RestoreContext.empty();
            RestoreException refused =
                    assertThrows(
                            RestoreException.class, () -> ObjectGraph.copy(schema(), root, none));
            assertTrue(String.valueOf(refused.getMessage()).contains("MemoryFileHost"));
            manager.release();
            fixture.assertNothingLeft();
        }
    }
}
