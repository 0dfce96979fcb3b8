package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.DeviceNumber;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.memory.AreaView;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.ProgramLayout;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What /proc shows of a task's memory (fs/proc/task_mmu.c, base.c). */
final class MemoryText {
    private static final int KB = 1024;
    private static final int PAGE = 4096;

    /** Column of the name in maps. */
    private static final int NAME_COLUMN = 73;

    /** Most bytes shown of arguments or environment; the guest says where they lie (PR_SET_MM). */
    private static final long MAX_STRINGS = 8L << 20;

    private MemoryText() {}

    static void maps(@Nullable MemoryManager memory, Content out) {
        if (memory == null) {
            return;
        }
        for (AreaView area : memory.areas(false)) {
            header(area, out);
        }
    }

    private static void header(AreaView area, Content out) {
        StringBuilder line = new StringBuilder(NAME_COLUMN);
        hex(line, area.start(), 8).append('-');
        hex(line, area.end(), 8).append(' ').append(area.permissions()).append(' ');
        hex(line, area.offset(), 8).append(' ');
        hex(line, DeviceNumber.major(area.device()), 2).append(':');
        hex(line, DeviceNumber.minor(area.device()), 2).append(' ');
        line.append(Long.toUnsignedString(area.inode())).append(' ');
        if (!area.name().isEmpty()) {
            while (line.length() < NAME_COLUMN) {
                line.append(' ');
            }
            line.append(area.name().replace("\n", "\\012"));
        }
        out.raw(line.append('\n').toString());
    }

    private static StringBuilder hex(StringBuilder line, long value, int width) {
        String digits = Long.toHexString(value);
        return line.append("0".repeat(Math.max(0, width - digits.length()))).append(digits);
    }

    /** The sums of smaps. */
    private static final class Sums {
        long resident;
        long anonymous;
        long sharedFile;
        long locked;

        void add(AreaView area) {
            resident += area.residentBytes();
            anonymous += area.anonymousBytes();
            sharedFile += area.shared() ? area.residentBytes() - area.anonymousBytes() : 0;
            locked += area.lockedBytes();
        }

        void write(Content out, boolean rollup) {
            long clean = resident - anonymous - sharedFile;
            size("Rss", resident, out);
            size("Pss", resident, out);
            size("Pss_Dirty", anonymous + sharedFile, out);
            if (rollup) {
                size("Pss_Anon", anonymous, out);
                size("Pss_File", clean, out);
                size("Pss_Shmem", sharedFile, out);
            }
            size("Shared_Clean", 0, out);
            size("Shared_Dirty", sharedFile, out);
            size("Private_Clean", clean, out);
            size("Private_Dirty", anonymous, out);
            size("Referenced", resident, out);
            size("Anonymous", anonymous, out);
            for (String none :
                    new String[] {
                        "KSM",
                        "LazyFree",
                        "AnonHugePages",
                        "ShmemPmdMapped",
                        "FilePmdMapped",
                        "Shared_Hugetlb",
                        "Private_Hugetlb",
                        "Swap",
                        "SwapPss"
                    }) {
                size(none, 0, out);
            }
            size("Locked", locked, out);
        }
    }

    private static void size(String name, long bytes, Content out) {
        out.format("%-16s%8d kB\n", name + ":", bytes / KB);
    }

    static void smaps(@Nullable MemoryManager memory, Content out) {
        if (memory == null) {
            return;
        }
        for (AreaView area : memory.areas(true)) {
            header(area, out);
            size("Size", area.end() - area.start(), out);
            size("KernelPageSize", PAGE, out);
            size("MMUPageSize", PAGE, out);
            Sums sums = new Sums();
            sums.add(area);
            sums.write(out, false);
            out.text("THPeligible:           0\nVmFlags: " + area.vmFlags() + "\n");
        }
    }

    static void rollup(@Nullable MemoryManager memory, Content out) {
        if (memory == null) {
            return;
        }
        List<AreaView> areas = memory.areas(true);
        if (areas.isEmpty()) {
            return;
        }
        Sums sums = new Sums();
        for (AreaView area : areas) {
            sums.add(area);
        }
        AreaView whole =
                new AreaView(
                        areas.getFirst().start(),
                        areas.getLast().end(),
                        0,
                        false,
                        0,
                        0,
                        0,
                        "[rollup]",
                        "",
                        0,
                        0,
                        0);
        header(whole, out);
        sums.write(out, true);
    }

    /**
     * The arguments. Where the program has written over their end, up to the first zero, in the
     * environment if need be (get_mm_cmdline: setproctitle).
     */
    static void commandLine(@Nullable MemoryManager memory, Content out) {
        if (memory == null) {
            return;
        }
        ProgramLayout layout = memory.programLayout();
        byte[] arguments = bytes(memory, layout.argStart(), layout.argEnd());
        if (arguments.length == 0 || arguments[arguments.length - 1] == 0) {
            out.bytes(arguments);
            return;
        }
        boolean follows =
                layout.envStart() == layout.argEnd() && layout.envEnd() >= layout.envStart();
        byte[] title =
                bytes(memory, layout.argStart(), follows ? layout.envEnd() : layout.argEnd());
        int end = 0;
        while (end < title.length && title[end] != 0) {
            end++;
        }
        out.bytes(java.util.Arrays.copyOf(title, Math.min(title.length, end + 1)));
    }

    static void environment(@Nullable MemoryManager memory, Content out) {
        if (memory != null) {
            ProgramLayout layout = memory.programLayout();
            out.bytes(bytes(memory, layout.envStart(), layout.envEnd()));
        }
    }

    static void auxiliary(@Nullable MemoryManager memory, Content out) {
        if (memory != null) {
            ProgramLayout layout = memory.programLayout();
            out.bytes(bytes(memory, layout.auxvStart(), layout.auxvEnd()));
        }
    }

    /** What can be read of a range, up to the first page that is not there. */
    private static byte[] bytes(MemoryManager memory, long start, long end) {
        if (Long.compareUnsigned(end, start) <= 0
                || Long.compareUnsigned(end - start, MAX_STRINGS) > 0) {
            return new byte[0];
        }
        byte[] all = new byte[(int) (end - start)];
        int done = 0;
        while (done < all.length) {
            int length = (int) Math.min(all.length - done, PAGE - (start + done & PAGE - 1));
            try {
                memory.forceRead(start + done, MemorySegment.ofArray(all).asSlice(done, length));
            } catch (ErrnoException unmapped) {
                return java.util.Arrays.copyOf(all, done);
            }
            done += length;
        }
        return all;
    }
}
