package dev.runsc.kernel.memory;

import static dev.runsc.kernel.memory.MemoryFixture.BASE;
import static dev.runsc.kernel.memory.MemoryFixture.PAGE;
import static dev.runsc.kernel.memory.MemoryFixture.READ_WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.kernel.platform.PlatformException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random calls on a family of address spaces against a model that is an array of pages for each:
 * what guest and kernel read, what stubs have mapped, and that nothing is left at the end. {@code
 * -Dseed=N} repeats a run.
 */
class ForkModelTest {
    private static final int PAGES = 160;
    private static final int STEPS = Integer.getInteger("steps", 1500);
    private static final int MOST_SPACES = 6;
    private static final int FILE_PAGES = 40;
    private static final int FIXED = MmapFlags.MAP_FIXED;

    /** What a page holds, shared by all that see one page. */
    private static final class Cell {
        long value;

        Cell(long value) {
            this.value = value;
        }
    }

    private record Page(Cell cell, int protection, boolean shared, boolean onFile) {
        Page with(int newProtection) {
            return new Page(cell, newProtection, shared, onFile);
        }
    }

    private static final class Model {
        final MemoryManager manager;
        final TreeMap<Long, Page> pages = new TreeMap<>();

        Model(MemoryManager manager) {
            this.manager = manager;
        }
    }

    private final List<Model> models = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private SplittableRandom random = new SplittableRandom(0);
    private final TestFile file = TestFile.onHost(FILE_PAGES * 4096);

    ForkModelTest() {
        for (int i = 0; i < FILE_PAGES; i++) {
            file.contents()[i * 4096] = (byte) (i + 1);
        }
    }

    @Test
    void agreesWithAnArrayOfPages() throws ErrnoException {
        try (MemoryFixture fixture = new MemoryFixture()) {
            run(fixture, STEPS);
        }
    }

    /** The same in real stubs, whose guests read and write for themselves. */
    @Test
    void realGuestsAgreeToo() throws ErrnoException, PlatformException {
        try (MemoryFixture fixture = MemoryFixture.real()) {
            file.importTo(fixture.platform);
            run(fixture, STEPS / 2);
        }
    }

    private void run(MemoryFixture fixture, int steps) throws ErrnoException {
        long seed = Long.getLong("seed", 1);
        System.out.println("ForkModelTest seed " + seed);
        random = new SplittableRandom(seed);
        try {
            models.add(new Model(fixture.newManager()));
            for (int step = 0; step < steps; step++) {
                step(fixture);
                if (step % 16 == 0) {
                    checkAll(fixture);
                }
            }
            models.forEach(model -> fixture.release(model.manager));
            assertEquals(0, file.observers.size());
            fixture.assertNothingLeft();
        } catch (AssertionError e) {
            int from = Math.max(0, log.size() - Integer.getInteger("logLines", 60));
            throw new AssertionError(
                    "seed " + seed + "\n" + String.join("\n", log.subList(from, log.size())), e);
        }
    }

    private void step(MemoryFixture fixture) throws ErrnoException {
        int index = random.nextInt(models.size());
        Model model = models.get(index);
        long address = BASE + random.nextInt(PAGES) * PAGE;
        long length = (1 + random.nextInt(30)) * PAGE;
        int kind = random.nextInt(24);
        log.add(index + ": " + kind + " at " + (address - BASE) / PAGE + "+" + length / PAGE);
        switch (kind) {
            case 0, 1 -> mapAnonymous(model, address, length);
            case 2 -> mapFile(model, address, length);
            case 3 -> {
                model.manager.unmap(address, length);
                model.pages.subMap(address, address + length).clear();
            }
            case 4, 5 -> protect(model, address, length);
            case 6 -> move(model, address, length);
            case 7 -> dontNeed(model, address, length);
            case 8, 9 -> fork(fixture, model);
            case 10 -> release(fixture, model);
            case 11 -> changeUsers(model);
            case 12, 13, 14, 15 -> kernelWrite(model, address);
            default -> guestWrite(fixture, model, address);
        }
    }

    private int protection() {
        return random.nextInt(4) == 0 ? random.nextInt(4) : READ_WRITE;
    }

    private void mapAnonymous(Model model, long address, long length) throws ErrnoException {
        boolean shared = random.nextInt(4) == 0;
        int protection = protection();
        int flags =
                FIXED
                        | MmapFlags.MAP_ANONYMOUS
                        | (shared ? MmapFlags.MAP_SHARED : MmapFlags.MAP_PRIVATE);
        model.manager.map(MapRequest.anonymous(address, length, protection, flags));
        for (long at = address; at < address + length; at += PAGE) {
            model.pages.put(at, new Page(new Cell(0), protection, shared, false));
        }
    }

    private void mapFile(Model model, long address, long length) throws ErrnoException {
        int protection = protection();
        int first = random.nextInt(FILE_PAGES - 30);
        model.manager.map(
                MapRequest.file(
                        address,
                        length,
                        protection,
                        FIXED | MmapFlags.MAP_PRIVATE,
                        file,
                        first * PAGE));
        for (long at = address; at < address + length; at += PAGE) {
            int page = first + (int) ((at - address) / PAGE);
            model.pages.put(at, new Page(new Cell(page + 1), protection, false, true));
        }
    }

    private void protect(Model model, long address, long length) throws ErrnoException {
        int protection = protection();
        for (long at = address; at < address + length; at += PAGE) {
            Page page = model.pages.get(at);
            if (page == null) {
                return;
            }
        }
        model.manager.protect(address, length, protection);
        for (long at = address; at < address + length; at += PAGE) {
            model.pages.compute(at, (where, page) -> require(page).with(protection));
        }
    }

    private static Page require(@Nullable Page page) {
        if (page == null) {
            throw new AssertionError("no page");
        }
        return page;
    }

    private void move(Model model, long address, long length) throws ErrnoException {
        long target = BASE + random.nextInt(PAGES) * PAGE;
        AreaView area = model.manager.findArea(address);
        if (area == null
                || address + length > area.end()
                || target < address + length && address < target + length) {
            return;
        }
        int flags = MmapFlags.MREMAP_MAYMOVE | MmapFlags.MREMAP_FIXED;
        model.manager.remap(address, length, length, flags, target);
        TreeMap<Long, Page> moved = new TreeMap<>(model.pages.subMap(address, address + length));
        model.pages.subMap(address, address + length).clear();
        model.pages.subMap(target, target + length).clear();
        moved.forEach((at, page) -> model.pages.put(at - address + target, page));
    }

    private void dontNeed(Model model, long address, long length) {
        int first = -1;
        for (long at = address; at < address + length; at += PAGE) {
            Page page = model.pages.get(at);
            if (page != null && page.onFile) {
                return; // the model does not know which page of the file it was
            }
            first++;
        }
        try {
            model.manager.advise(address, first * PAGE + PAGE, MmapFlags.MADV_DONTNEED);
        } catch (ErrnoException e) {
            log.add("holes");
        }
        model.pages
                .subMap(address, address + length)
                .replaceAll((at, page) ->
                        page.shared ? page : new Page(new Cell(0), page.protection, false, false));
    }

    private void fork(MemoryFixture fixture, Model model) throws ErrnoException {
        if (models.size() >= MOST_SPACES) {
            return;
        }
        Model child = new Model(model.manager.fork(fixture.platform, MemoryLimits.None.INSTANCE));
        model.pages.forEach((at, page) ->
                child.pages.put(
                        at,
                        page.shared
                                ? page
                                : new Page(
                                        new Cell(page.cell.value),
                                        page.protection,
                                        false,
                                        page.onFile)));
        models.add(child);
    }

    private void release(MemoryFixture fixture, Model model) {
        if (models.size() > 1) {
            fixture.release(model.manager);
            models.remove(model);
        }
    }

    private static void changeUsers(Model model) {
        if (model.manager.users() > 1) {
            model.manager.release();
        } else {
            model.manager.retain();
        }
    }

    private void kernelWrite(Model model, long address) {
        long value = random.nextLong();
        Page page = model.pages.get(address);
        boolean done;
        try {
            model.manager.writeLong(address, value);
            done = true;
        } catch (ErrnoException e) {
            done = false;
        }
        assertEquals(page != null && (page.protection & 2) != 0, done);
        if (done) {
            require(page).cell.value = value;
        }
    }

    private void guestWrite(MemoryFixture fixture, Model model, long address) {
        long value = random.nextLong();
        Page page = model.pages.get(address);
        FaultResult result = fixture.guestWrite(model.manager, address, value);
        FaultResult expected =
                page == null
                        ? FaultResult.NOT_MAPPED
                        : (page.protection & 2) == 0
                                ? FaultResult.NOT_ALLOWED
                                : FaultResult.RESOLVED;
        assertEquals(expected, result);
        if (page != null && expected.resolved()) {
            page.cell.value = value;
        }
    }

    private void checkAll(MemoryFixture fixture) {
        if (random.nextInt(4) == 0) {
            try {
                fixture.assertOnlyUsedIsCommitted();
            } catch (ErrnoException e) {
                throw new AssertionError(e);
            }
        }
        for (Model model : models) {
            if (fixture.guests == null) {
                checkStub(fixture, model);
            }
            checkContents(fixture, model);
        }
    }

    /** The stub has nothing that the guest may not touch, and nothing that was given up. */
    private static void checkStub(MemoryFixture fixture, Model model) {
        SimulatedPlatform.Space space = MemoryFixture.space(model.manager);
        space.flush();
        space.table.forEach((at, entry) -> {
            Page page = require(model.pages.get(at));
            int most = page.protection == 0 ? 0 : page.protection | 1;
            assertEquals(0, entry.protection() & ~most, "too much protection");
            if (entry.file() == null) {
                long sole = fixture.memory.soleLength(entry.offset());
                boolean writable = (entry.protection() & 2) != 0;
                assertTrue(sole > 0 || !writable || page.shared, "writes to others");
            }
        });
    }

    private static void checkContents(MemoryFixture fixture, Model model) {
        for (int i = 0; i < PAGES + 30; i++) {
            long address = BASE + i * PAGE;
            Page page = model.pages.get(address);
            long read;
            boolean done;
            try {
                read = model.manager.readLong(address);
                done = true;
            } catch (ErrnoException e) {
                read = 0;
                done = false;
            }
            assertEquals(page != null && page.protection != 0, done, "page " + i);
            if (done) {
                long expected = require(page).cell.value;
                assertEquals(expected, read, "page " + i);
                assertEquals(expected, fixture.guestRead(model.manager, address), "page " + i);
            }
        }
    }
}
