package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.RLimits;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.IdMap;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.MemoryStatistics;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.PidNumbers;
import dev.runsc.kernel.task.StateLetter;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.task.seccomp.SeccompMode;
import dev.runsc.kernel.task.signal.SignalHandlers;
import dev.runsc.kernel.task.signal.SignalSet;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FsContext;

/** {@code /proc/PID/status} (fs/proc/array.c proc_pid_status). */
final class StatusText {
    private static final int KB = 1024;

    /** A page of a page table maps this many bytes. */
    private static final long TABLE_REACH = 2L << 20;

    private static final int TABLE_KB = 4;

    private StatusText() {}

    static void write(Caller caller, Subject subject, Task task, Content out) {
        PidNamespace view = subject.proc().namespace();
        identity(task, view, caller.credentials().namespace(), out);
        MemoryManager memory = task.findMemory();
        out.text("Kthread:\t0\n");
        if (memory != null) {
            memory(memory.statistics(), out);
        }
        signals(task, out);
        capabilities(task.credentials(), out);
        MachineInfo machine = subject.proc().kernel().machine();
        long[] affinity = task.scheduling().affinity();
        long[] cpus = affinity.length == 0 ? machine.all() : affinity;
        seccomp(task, out);
        out.text("Speculation_Store_Bypass:\tthread vulnerable\n");
        out.text("SpeculationIndirectBranch:\tconditional enabled\n");
        out.text(
                "Cpus_allowed:\t"
                        + machine.mask(cpus)
                        + "\nCpus_allowed_list:\t"
                        + machine.list(cpus)
                        + "\n");
        out.text("Mems_allowed:\t00000000,00000001\nMems_allowed_list:\t0\n");
        out.text("voluntary_ctxt_switches:\t" + task.times().sleeps() + "\n");
        out.text("nonvoluntary_ctxt_switches:\t" + task.times().preemptions() + "\n");
    }

    private static void seccomp(Task task, Content out) {
        SeccompMode mode = task.findSeccomp();
        out.text("Seccomp:\t" + (mode == null ? 0 : mode.number()));
        out.text("\nSeccomp_filters:\t" + (mode == null ? 0 : mode.filterCount()) + "\n");
    }

    private static void identity(Task task, PidNamespace view, UserNamespace users, Content out) {
        ThreadGroup group = task.group();
        ThreadGroup parent = group.parent();
        Credentials who = task.credentials();
        out.text("Name:\t").raw(escape(task.name())).text("\n");
        FsContext fs = task.findFs();
        if (fs != null) {
            out.format("Umask:\t%04o\n", fs.umask());
        }
        out.text("State:\t" + state(StateLetter.of(task)) + "\n");
        out.text(
                "Tgid:\t"
                        + group.pid().in(view)
                        + "\nNgid:\t0\nPid:\t"
                        + task.numbers().in(view)
                        + "\n");
        out.text("PPid:\t" + (parent == null ? 0 : parent.pid().in(view)) + "\n");
        Task tracer = task.tracing().tracer();
        out.text("TracerPid:\t" + (tracer == null ? 0 : tracer.numbers().in(view)) + "\n");
        ids(
                "Uid",
                users.uids(),
                new int[] {who.uid(), who.effectiveUid(), who.savedUid(), who.fsUid()},
                out);
        ids(
                "Gid",
                users.gids(),
                new int[] {who.gid(), who.effectiveGid(), who.savedGid(), who.fsGid()},
                out);
        FdTable files = task.findFiles();
        out.text("FDSize:\t" + (files == null ? 0 : files.slots()) + "\nGroups:\t");
        StringBuilder groups = new StringBuilder();
        for (int member : who.groups()) {
            groups.append(groups.isEmpty() ? "" : " ")
                    .append(Integer.toUnsignedString(users.shownGid(member)));
        }
        out.text(groups + " \n");
        numbers("NStgid", group.pid(), view, out);
        numbers("NSpid", task.numbers(), view, out);
        numbers("NSpgid", group.processGroup().numbers(), view, out);
        numbers("NSsid", group.session().numbers(), view, out);
    }

    private static void ids(String name, IdMap map, int[] kernelIds, Content out) {
        out.text(name + ":");
        for (int kernelId : kernelIds) {
            int id = map.fromKernel(kernelId);
            int shown = id == IdMap.NONE ? UserNamespace.OVERFLOW_ID : id;
            out.text("\t" + Integer.toUnsignedString(shown));
        }
        out.text("\n");
    }

    /** The numbers from this view downwards. */
    private static void numbers(String name, PidNumbers numbers, PidNamespace view, Content out) {
        out.text(name + ":");
        if (numbers.in(view) == 0) {
            out.text("\t0");
        } else {
            for (int level = view.level(); level < numbers.ids().length; level++) {
                out.text("\t" + numbers.ids()[level]);
            }
        }
        out.text("\n");
    }

    private static String state(char letter) {
        return switch (letter) {
            case 'R' -> "R (running)";
            case 'S' -> "S (sleeping)";
            case 'D' -> "D (disk sleep)";
            case 'T' -> "T (stopped)";
            case 't' -> "t (tracing stop)";
            case 'Z' -> "Z (zombie)";
            default -> letter + " (dead)";
        };
    }

    private static void memory(MemoryStatistics sizes, Content out) {
        size("VmPeak", sizes.peakVirtual(), out);
        size("VmSize", sizes.virtual(), out);
        size("VmLck", sizes.locked(), out);
        size("VmPin", 0, out);
        size("VmHWM", sizes.peakResident(), out);
        size("VmRSS", sizes.resident(), out);
        size("RssAnon", sizes.residentAnonymous(), out);
        size("RssFile", sizes.residentFile(), out);
        size("RssShmem", sizes.residentShared(), out);
        size("VmData", sizes.data(), out);
        size("VmStk", sizes.stack(), out);
        size("VmExe", sizes.code(), out);
        size("VmLib", sizes.library(), out);
        size("VmPTE", (sizes.resident() / TABLE_REACH + 4) * TABLE_KB * KB, out);
        size("VmSwap", 0, out);
        size("HugetlbPages", 0, out);
        out.text("CoreDumping:\t0\nTHP_enabled:\t1\nuntag_mask:\t0xffffffffffffffff\n");
    }

    private static void size(String name, long bytes, Content out) {
        out.format("%s:\t%8d kB\n", name, bytes / KB);
    }

    private static void signals(Task task, Content out) {
        ThreadGroup group = task.group();
        SignalHandlers handlers = group.handlers();
        KernelLock lock = handlers.lock();
        long own;
        long shared;
        int queued;
        lock.lock();
        try {
            own = task.pendingLocked().set();
            shared = group.pendingLocked().set();
            queued = task.pendingLocked().count() + group.pendingLocked().count();
        } finally {
            lock.unlock();
        }
        long[] dispositions = dispositions(handlers);
        String limit = Long.toUnsignedString(group.limits().soft(RLimits.RLIMIT_SIGPENDING));
        out.text(
                "Threads:\t"
                        + Math.max(1, group.threads().size())
                        + "\nSigQ:\t"
                        + queued
                        + "/"
                        + limit
                        + "\n");
        set("SigPnd", own, out);
        set("ShdPnd", shared, out);
        set("SigBlk", task.signalMask(), out);
        set("SigIgn", dispositions[0], out);
        set("SigCgt", dispositions[1], out);
    }

    /** The signals ignored, and those caught. */
    static long[] dispositions(SignalHandlers handlers) {
        long ignored = 0;
        long caught = 0;
        KernelLock lock = handlers.lock();
        lock.lock();
        try {
            for (int signal = 1; signal <= SignalSet.MAX_SIGNAL; signal++) {
                SignalHandlers.Action action = handlers.actionLocked(signal);
                if (action.isIgnore()) {
                    ignored |= SignalSet.of(signal);
                } else if (!action.isDefault()) {
                    caught |= SignalSet.of(signal);
                }
            }
        } finally {
            lock.unlock();
        }
        return new long[] {ignored, caught};
    }

    private static void capabilities(Credentials who, Content out) {
        set("CapInh", who.inheritable(), out);
        set("CapPrm", who.permitted(), out);
        set("CapEff", who.effective(), out);
        set("CapBnd", who.bounding(), out);
        set("CapAmb", who.ambient(), out);
        out.text("NoNewPrivs:\t" + (who.noNewPrivileges() ? 1 : 0) + "\n");
    }

    private static void set(String name, long bits, Content out) {
        out.format("%s:\t%016x\n", name, bits);
    }

    /** Newlines and backslashes of a task's name as escapes (proc_task_name). */
    static String escape(String name) {
        return name.replace("\\", "\\\\").replace("\n", "\\n");
    }
}
