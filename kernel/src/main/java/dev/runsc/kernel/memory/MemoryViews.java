package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.ErrnoException;
import java.util.ArrayList;
import java.util.List;

/** What /proc shows of an address space. */
final class MemoryViews {
    private MemoryViews() {}

    static List<AreaView> areas(AddressMap map, boolean withResidency) {
        List<AreaView> views = new ArrayList<>(map.areas().size());
        for (VmArea area = map.areas().first(); area != null; area = map.areas().next(area)) {
            if (!area.has(VmArea.CALL_CELLS)) {
                views.add(view(map, area, withResidency));
            }
        }
        return views;
    }

    static AreaView view(AddressMap map, VmArea area, boolean withResidency) {
        FileMapping mapping = area.file;
        String name = area.name;
        if (name == null) {
            name = mapping == null ? "" : mapping.file.mappedName();
        }
        Resident resident = withResidency ? resident(map, area.start, area.end) : new Resident();
        return new AreaView(
                area.start,
                area.end,
                area.protection,
                area.isShared(),
                mapping == null ? 0 : area.offset,
                mapping == null ? 0 : mapping.file.deviceId(),
                mapping == null ? 0 : mapping.file.inodeNumber(),
                name,
                vmFlags(area),
                resident.total(),
                resident.anonymous,
                area.has(VmArea.LOCKED) ? resident.total() : 0);
    }

    /** The letters of smaps' VmFlags line (fs/proc/task_mmu.c). */
    private static String vmFlags(VmArea area) {
        StringBuilder text = new StringBuilder();
        append(text, area.allows(Accesses.READ), "rd");
        append(text, area.allows(Accesses.WRITE), "wr");
        append(text, area.allows(Accesses.EXECUTE), "ex");
        append(text, area.isShared(), "sh");
        append(text, (area.maxProtection & Accesses.READ) != 0, "mr");
        append(text, (area.maxProtection & Accesses.WRITE) != 0, "mw");
        append(text, (area.maxProtection & Accesses.EXECUTE) != 0, "me");
        append(text, area.isShared(), "ms");
        append(text, area.has(VmArea.GROWS_DOWN), "gd");
        append(text, area.has(VmArea.LOCKED), "lo");
        append(text, area.has(VmArea.SEQUENTIAL), "sr");
        append(text, area.has(VmArea.RANDOM), "rr");
        append(text, area.has(VmArea.DONT_FORK), "dc");
        append(text, area.has(VmArea.DONT_EXPAND), "de");
        append(text, area.countsAsData(), "ac");
        append(text, area.has(VmArea.NO_RESERVE), "nr");
        append(text, area.has(VmArea.WIPE_ON_FORK), "wf");
        append(text, area.has(VmArea.DONT_DUMP), "dd");
        append(text, area.has(VmArea.HUGE_PAGES), "hg");
        append(text, area.has(VmArea.NO_HUGE_PAGES), "nh");
        append(text, area.has(VmArea.MERGEABLE), "mg");
        return text.toString();
    }

    private static void append(StringBuilder text, boolean holds, String letters) {
        if (holds) {
            text.append(letters).append(' ');
        }
    }

    private static final class Resident {
        long anonymous;
        long file;
        long shared;

        long total() {
            return anonymous + file + shared;
        }
    }

    /** What is in memory of a range; of host files all that is mapped counts. */
    private static Resident resident(AddressMap map, long from, long to) {
        Resident resident = new Resident();
        for (PageRun run = map.pages().runs().atOrAfter(from);
                run != null && run.start < to;
                run = map.pages().runs().next(run)) {
            long start = Math.max(from, run.start);
            long end = Math.min(to, run.end);
            switch (run.kind) {
                case PRIVATE -> resident.anonymous += committed(map, run, start, end);
                case OBJECT -> resident.shared += committed(map, run, start, end);
                case HOST_FILE -> resident.file += end - start;
            }
        }
        return resident;
    }

    private static long committed(AddressMap map, PageRun run, long from, long to) {
        try {
            return map.pages().memoryFile().committedBytes(run.offsetOf(from), to - from);
        } catch (ErrnoException e) {
            throw new AssertionError("the memory file cannot be asked", e);
        }
    }

    static MemoryStatistics statistics(AddressMap map) {
        Resident resident = resident(map, 0, Long.MAX_VALUE);
        map.notePeakResident(resident.total());
        long code = codeOfProgram(map);
        return new MemoryStatistics(
                map.totalBytes(),
                map.peakBytes(),
                map.lockedBytes(),
                resident.total(),
                map.peakResident(),
                resident.anonymous,
                resident.file,
                resident.shared,
                map.dataBytes(),
                map.stackBytes(),
                code,
                Math.max(0, map.codeBytes() - code));
    }

    private static long codeOfProgram(AddressMap map) {
        long start = Addresses.pageDown(map.program.startCode());
        return Math.min(Addresses.pageUp(map.program.endCode()) - start, map.codeBytes());
    }
}
