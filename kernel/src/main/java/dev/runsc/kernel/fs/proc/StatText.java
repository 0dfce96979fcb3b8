package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.MemoryStatistics;
import dev.runsc.kernel.memory.ProgramLayout;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.task.ControllingTerminal;
import dev.runsc.kernel.task.CpuTimes;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.ResourceLimits;
import dev.runsc.kernel.task.Scheduling;
import dev.runsc.kernel.task.StateLetter;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.vfs.Caller;
import org.jspecify.annotations.Nullable;

/**
 * {@code stat}, {@code statm}, {@code limits}, {@code io} and {@code sched} of a task
 * (fs/proc/array.c, base.c).
 */
final class StatText {
    /** Nanoseconds of a clock tick (USER_HZ is 100). */
    static final long TICK_NANOS = 10_000_000;

    private static final int PAGE = 4096;

    /** PF_* of linux/sched.h. */
    private static final int PF_EXITING = 0x4;

    private static final int PF_POSTCOREDUMP = 0x8;
    private static final int PF_FORKNOEXEC = 0x40;
    private static final int PF_RANDOMIZE = 0x400000;

    /** Signals that fit the old 31-bit fields. */
    private static final long OLD_SIGNALS = 0x7fffffffL;

    /** What addresses read as for one who may not know them. */
    private static final int HIDDEN = 1;

    private record Limit(String name, String unit) {}

    /** By RLIMIT_* number (fs/proc/base.c lnames). */
    private static final Limit[] LIMITS = {
        new Limit("Max cpu time", "seconds"),
        new Limit("Max file size", "bytes"),
        new Limit("Max data size", "bytes"),
        new Limit("Max stack size", "bytes"),
        new Limit("Max core file size", "bytes"),
        new Limit("Max resident set", "bytes"),
        new Limit("Max processes", "processes"),
        new Limit("Max open files", "files"),
        new Limit("Max locked memory", "bytes"),
        new Limit("Max address space", "bytes"),
        new Limit("Max file locks", "locks"),
        new Limit("Max pending signals", "signals"),
        new Limit("Max msgqueue size", "bytes"),
        new Limit("Max nice priority", ""),
        new Limit("Max realtime priority", ""),
        new Limit("Max realtime timeout", "us"),
    };

    private StatText() {}

    /** The fields of one line, blanks between. */
    private static final class Line {
        private final StringBuilder text = new StringBuilder();

        Line add(long value) {
            text.append(' ').append(value);
            return this;
        }

        Line zeros(int count) {
            for (int i = 0; i < count; i++) {
                add(0);
            }
            return this;
        }

        Line unsigned(long value) {
            text.append(' ').append(Long.toUnsignedString(value));
            return this;
        }
    }

    /** do_task_stat: the 52 fields of proc_pid_stat(5). */
    static void stat(Subject subject, Task task, boolean permitted, Content out) {
        PidNamespace view = subject.proc().namespace();
        ThreadGroup group = task.group();
        ThreadGroup parent = group.parent();
        ControllingTerminal terminal = group.terminal();
        out.text(task.numbers().in(view) + " (").raw(task.name());
        Line line = new Line();
        line.add(parent == null ? 0 : parent.pid().in(view));
        line.add(group.processGroup().numbers().in(view));
        line.add(group.session().numbers().in(view));
        line.add(terminal == null ? 0 : terminal.deviceNumber());
        line.add(terminal == null ? -1 : terminal.foregroundGroup(view));
        line.add(flags(task)).zeros(4);
        CpuTimes times = subject.isProcess() ? group.times() : task.times();
        line.add(times.userNanos() / TICK_NANOS).add(times.systemNanos() / TICK_NANOS);
        line.add(group.childTimes().userNanos() / TICK_NANOS)
                .add(group.childTimes().systemNanos() / TICK_NANOS);
        Scheduling scheduling = task.scheduling();
        line.add(
                scheduling.policy() == 1 || scheduling.policy() == 2
                        ? -1 - scheduling.priority()
                        : 20 + scheduling.nice());
        line.add(scheduling.nice()).add(Math.max(1, group.threads().size())).add(0);
        line.add((subject.isProcess() ? group.startNanos() : task.startNanos()) / TICK_NANOS);
        MemoryManager memory = task.findMemory();
        addMemory(line, memory, group.limits(), permitted);
        addSignals(line, task);
        line.zeros(3);
        line.add(task.isLeader() ? group.exitSignal() : -1);
        line.add(0).add(scheduling.priority()).add(scheduling.policy()).zeros(3);
        addLayout(line, permitted ? memory : null);
        line.add(permitted && group.isZombie() ? group.exitStatus() : 0);
        out.text(") " + StateLetter.of(task) + line.text + "\n");
    }

    private static int flags(Task task) {
        int flags = PF_RANDOMIZE;
        flags |= task.group().hasExecuted() || task.group().parent() == null ? 0 : PF_FORKNOEXEC;
        flags |= task.isGone() ? PF_EXITING | PF_POSTCOREDUMP : 0;
        return flags;
    }

    private static void addMemory(
            Line line, @Nullable MemoryManager memory, ResourceLimits limits, boolean permitted) {
        long residentLimit = limits.soft(RLimits.RLIMIT_RSS);
        if (memory == null) {
            line.add(0).add(0).unsigned(residentLimit).zeros(5);
            return;
        }
        MemoryStatistics sizes = memory.statistics();
        ProgramLayout layout = memory.programLayout();
        line.add(sizes.virtual()).add(sizes.resident() / PAGE).unsigned(residentLimit);
        line.add(permitted ? layout.startCode() : HIDDEN)
                .add(permitted ? layout.endCode() : HIDDEN);
        line.add(permitted ? layout.startStack() : 0).zeros(2);
    }

    private static void addSignals(Line line, Task task) {
        KernelLock lock = task.group().handlers().lock();
        long pending;
        lock.lock();
        try {
            pending = task.pendingLocked().set();
        } finally {
            lock.unlock();
        }
        long[] dispositions = StatusText.dispositions(task.group().handlers());
        line.add(pending & OLD_SIGNALS).add(task.signalMask() & OLD_SIGNALS);
        line.add(dispositions[0] & OLD_SIGNALS).add(dispositions[1] & OLD_SIGNALS);
    }

    private static void addLayout(Line line, @Nullable MemoryManager memory) {
        if (memory == null) {
            line.zeros(7);
            return;
        }
        ProgramLayout layout = memory.programLayout();
        line.add(layout.startData()).add(layout.endData()).add(memory.breakStart());
        line.add(layout.argStart())
                .add(layout.argEnd())
                .add(layout.envStart())
                .add(layout.envEnd());
    }

    static void statm(Task task, Content out) {
        MemoryManager memory = task.findMemory();
        if (memory == null) {
            out.text("0 0 0 0 0 0 0\n");
            return;
        }
        MemoryStatistics sizes = memory.statistics();
        long shared = sizes.residentFile() + sizes.residentShared();
        out.text(sizes.virtual() / PAGE + " " + sizes.resident() / PAGE + " " + shared / PAGE);
        out.text(
                " " + sizes.code() / PAGE + " 0 " + (sizes.data() + sizes.stack()) / PAGE + " 0\n");
    }

    static void limits(ResourceLimits limits, Content out) {
        out.format("%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
        for (int resource = 0; resource < LIMITS.length; resource++) {
            Limit limit = LIMITS[resource];
            out.format("%-25s %-20s ", limit.name, shown(limits.soft(resource)));
            out.format("%-20s ", shown(limits.hard(resource)));
            if (!limit.unit.isEmpty()) {
                out.format("%-10s", limit.unit);
            }
            out.text("\n");
        }
    }

    private static String shown(long limit) {
        return limit == RLimits.RLIM_INFINITY ? "unlimited" : Long.toUnsignedString(limit);
    }

    static void io(Subject subject, Caller caller, Content out) throws ErrnoException {
        subject.requireInspectable(caller);
        ThreadGroup group = subject.group();
        CpuTimes used =
                subject.isProcess()
                        ? group.times().plus(group.childTimes())
                        : subject.require().times();
        out.text("rchar: " + used.readBytes() + "\nwchar: " + used.writtenBytes());
        out.text("\nsyscr: " + used.readCalls() + "\nsyscw: " + used.writeCalls());
        out.text("\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n");
    }

    static void sched(Subject subject, Task task, Content out) {
        long nanos = task.times().totalNanos();
        Scheduling scheduling = task.scheduling();
        int number = task.numbers().in(subject.proc().namespace());
        int threads = Math.max(1, task.group().threads().size());
        out.raw(task.name()).text(" (" + number + ", #threads: " + threads + ")\n");
        out.text("-".repeat(67) + "\n");
        out.format(
                "%-45s:%14d.%06d\n", "se.sum_exec_runtime", nanos / 1_000_000, nanos % 1_000_000);
        out.format("%-45s:%21d\n", "nr_switches", 0);
        out.format("%-45s:%21d\n", "policy", scheduling.policy());
        out.format("%-45s:%21d\n", "prio", 120 + scheduling.nice());
    }
}
