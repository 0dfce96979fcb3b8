package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.memory.MemoryFileHost;
import dev.runsc.kernel.task.TaskHost;

/**
 * {@code /proc/meminfo} and {@code /proc/vmstat}: what of the sandbox's memory file the host has
 * committed counts as used.
 */
final class MemoryInfoText {
    private static final int KB = 1024;
    private static final int PAGE = 4096;

    /** As on a machine with 4-level page tables. */
    private static final long VMALLOC_TOTAL_KB = 34_359_738_367L;

    private MemoryInfoText() {}

    private static long usedBytes(TaskHost host) throws ErrnoException {
        long committed = host.memoryFile().committedBytes(0, MemoryFileHost.SIZE_BYTES);
        return Math.min(host.totalMemoryBytes(), committed);
    }

    static void write(TaskHost host, Content out) throws ErrnoException {
        long total = host.totalMemoryBytes() / KB;
        long used = usedBytes(host) / KB;
        long free = total - used;
        size("MemTotal", total, out);
        size("MemFree", free, out);
        size("MemAvailable", free, out);
        zeros(out, "Buffers", "Cached", "SwapCached");
        size("Active", used, out);
        size("Inactive", 0, out);
        size("Active(anon)", used, out);
        zeros(out, "Inactive(anon)", "Active(file)", "Inactive(file)", "Unevictable", "Mlocked");
        zeros(out, "SwapTotal", "SwapFree", "Zswap", "Zswapped", "Dirty", "Writeback");
        size("AnonPages", used, out);
        zeros(
                out,
                "Mapped",
                "Shmem",
                "KReclaimable",
                "Slab",
                "SReclaimable",
                "SUnreclaim",
                "KernelStack");
        zeros(out, "PageTables", "SecPageTables", "NFS_Unstable", "Bounce", "WritebackTmp");
        size("CommitLimit", total / 2, out);
        size("Committed_AS", used, out);
        size("VmallocTotal", VMALLOC_TOTAL_KB, out);
        zeros(
                out,
                "VmallocUsed",
                "VmallocChunk",
                "Percpu",
                "AnonHugePages",
                "ShmemHugePages",
                "ShmemPmdMapped");
        zeros(out, "FileHugePages", "FilePmdMapped");
        for (String name :
                new String[] {
                    "HugePages_Total", "HugePages_Free", "HugePages_Rsvd", "HugePages_Surp"
                }) {
            out.format("%-15s %8d\n", name + ":", 0);
        }
        size("Hugepagesize", 2048, out);
        zeros(out, "Hugetlb", "DirectMap4k");
        size("DirectMap2M", total, out);
    }

    private static void size(String name, long kilobytes, Content out) {
        out.format("%-15s %8d kB\n", name + ":", kilobytes);
    }

    private static void zeros(Content out, String... names) {
        for (String name : names) {
            size(name, 0, out);
        }
    }

    static void vmstat(TaskHost host, Content out) throws ErrnoException {
        long used = usedBytes(host);
        out.text("nr_free_pages " + (host.totalMemoryBytes() - used) / PAGE + "\n");
        out.text("nr_anon_pages " + used / PAGE + "\n");
        for (String name :
                new String[] {
                    "nr_mapped",
                    "nr_file_pages",
                    "nr_dirty",
                    "nr_writeback",
                    "nr_shmem",
                    "pgpgin",
                    "pgpgout",
                    "pswpin",
                    "pswpout",
                    "pgalloc_normal",
                    "pgfree",
                    "pgfault",
                    "pgmajfault",
                    "oom_kill"
                }) {
            out.text(name + " 0\n");
        }
    }
}
