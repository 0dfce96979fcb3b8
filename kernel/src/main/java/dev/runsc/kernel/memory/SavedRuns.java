package dev.runsc.kernel.memory;

import dev.runsc.kernel.memory.PageRun.Kind;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.state.RestoreException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The resolved pages of an address space as an image holds them: for each run in memory its start,
 * end, offset in the memory file (-1 when only its shadow is kept), protection and flags, and
 * shadow (or -1).
 */
final class SavedRuns {
    private static final int VALUES_PER_RUN = 5;
    private static final int OBJECT = 1 << 4;
    private static final int WRITE_PROTECTED = 1 << 5;

    private SavedRuns() {}

    static long[] write(SegmentMap<PageRun> runs) {
        long[] values = new long[runs.size() * VALUES_PER_RUN];
        int n = 0;
        for (PageRun run = runs.first(); run != null; run = runs.next(run)) {
            if (run.kind == Kind.HOST_FILE && run.shadow == PageRun.NO_SHADOW) {
                continue; // resolved again after a restore
            }
            values[n++] = run.start;
            values[n++] = run.end;
            values[n++] = run.kind == Kind.HOST_FILE ? -1 : run.offset;
            values[n++] =
                    run.protection
                            | (run.kind == Kind.OBJECT ? OBJECT : 0)
                            | (run.writeProtected ? WRITE_PROTECTED : 0);
            values[n++] = run.shadow;
        }
        return Arrays.copyOf(values, n);
    }

    /** The runs in order; shadows of runs that are not in memory are given back. */
    static List<PageRun> read(long[] values, MemoryFile memoryFile) throws RestoreException {
        check(values.length % VALUES_PER_RUN == 0);
        List<PageRun> runs = new ArrayList<>();
        long previous = 0;
        for (int i = 0; i < values.length; i += VALUES_PER_RUN) {
            long start = values[i];
            long end = values[i + 1];
            long offset = values[i + 2];
            long flags = values[i + 3];
            long shadow = values[i + 4];
            check(start >= previous && start < end && end <= Platform.MAX_USER_ADDRESS);
            check(Addresses.isAligned(start | end));
            checkOffset(shadow, end - start);
            previous = end;
            if (offset == -1) {
                memoryFile.release(shadow, end - start);
                continue;
            }
            checkOffset(offset, end - start);
            PageRun run =
                    new PageRun(
                            (flags & OBJECT) != 0 ? Kind.OBJECT : Kind.PRIVATE,
                            start,
                            end,
                            offset,
                            null,
                            (int) flags & MapRequest.ALL_PROTECTION,
                            (flags & WRITE_PROTECTED) != 0);
            run.shadow = shadow;
            runs.add(run);
        }
        return runs;
    }

    private static void checkOffset(long offset, long length) throws RestoreException {
        check(offset >= -1 && offset <= MemoryFileHost.SIZE_BYTES - length);
        check(offset == -1 || Addresses.isAligned(offset));
    }

    private static void check(boolean good) throws RestoreException {
        if (!good) {
            throw new RestoreException("an address space's pages are damaged");
        }
    }
}
