package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.fs.synthetic.ContentSource;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.task.UtsNamespace;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileSystemType;
import java.util.LinkedHashSet;
import java.util.Set;

/** The plain files in the root of proc, by their row. */
record RootText(ProcFileSystem proc, RootFile file) implements ContentSource {
    private static final long SECOND = 1_000_000_000L;
    private static final long CENTISECOND = SECOND / 100;

    private static final String DEVICES =
            """
            Character devices:
              1 mem
              4 tty
              5 /dev/tty
              5 /dev/console
              5 /dev/ptmx
             10 misc
            128 ptm
            136 pts

            Block devices:
            """;

    private static final String[] SOFT_INTERRUPTS = {
        "HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"
    };

    @Override
    public void generate(Caller caller, Content out) throws ErrnoException {
        switch (file) {
            case CGROUPS -> ControlGroupText.controllers(proc.tasks().cgroups(), out);
            case CMDLINE -> out.text("quiet\n");
            case CPUINFO -> out.text(proc.kernel().machine().cpuinfo());
            case DEVICES -> out.text(DEVICES);
            case EXECDOMAINS -> out.text("0-0\tLinux           \t[kernel]\n");
            case FILESYSTEMS -> fileSystems(out);
            case INTERRUPTS -> interrupts(out);
            case LOADAVG -> load(out);
            case MEMINFO -> MemoryInfoText.write(proc.tasks().host(), out);
            case PARTITIONS -> out.text("major minor  #blocks  name\n\n");
            case SLABINFO -> out.text("slabinfo - version: 2.1\n");
            case SOFTIRQS -> softInterrupts(out);
            case STAT -> stat(out);
            case SWAPS -> out.text("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
            case UPTIME -> uptime(out);
            case VERSION ->
                    out.text(
                            "Linux version "
                                    + UtsNamespace.RELEASE
                                    + " (runsc@runsc) (javac) "
                                    + UtsNamespace.VERSION
                                    + "\n");
            case VMSTAT -> MemoryInfoText.vmstat(proc.tasks().host(), out);
            case CONSOLES,
                    CRYPTO,
                    DISKSTATS,
                    IOMEM,
                    IOPORTS,
                    KALLSYMS,
                    KEYS,
                    LOCKS,
                    MISC,
                    MODULES,
                    ZONEINFO -> {
                // Nothing of the kind is shown.
            }
        }
    }

    private void fileSystems(Content out) {
        for (FileSystemType type : proc.vfs().types()) {
            out.text((type.needsDevice() ? "\t" : "nodev\t") + type.name() + "\n");
        }
    }

    private void interrupts(Content out) {
        out.text("           ");
        for (int cpu = 0; cpu < proc.kernel().machine().processors(); cpu++) {
            out.format("CPU%-8d", cpu);
        }
        out.text("\nERR:          0\nMIS:          0\n");
    }

    private void softInterrupts(Content out) {
        int processors = proc.kernel().machine().processors();
        out.text("                    ");
        for (int cpu = 0; cpu < processors; cpu++) {
            out.format("CPU%-8d", cpu);
        }
        out.text("\n");
        for (String name : SOFT_INTERRUPTS) {
            out.format("%12s:", name);
            for (int cpu = 0; cpu < processors; cpu++) {
                out.text("          0");
            }
            out.text("\n");
        }
    }

    private int running() {
        int count = 0;
        for (Task task : proc.tasks().tasks()) {
            count += task.isRunning() ? 1 : 0;
        }
        return count;
    }

    private void load(Content out) {
        TaskSet tasks = proc.tasks();
        double[] averages = tasks.ticker().load().at(tasks.clock().monotonicNanos());
        for (double average : averages) {
            out.format("%.2f ", average);
        }
        out.text(running() + "/" + tasks.taskCount());
        out.text(" " + proc.namespace().lastPid() + "\n");
    }

    /**
     * User and system nanoseconds used since boot by all processes there are, and by the children
     * they waited for.
     */
    private long[] used() {
        Set<ThreadGroup> groups = new LinkedHashSet<>();
        TaskSet tasks = proc.tasks();
        tasks.lock().lock();
        try {
            groups.addAll(tasks.rootNamespace().groups());
        } finally {
            tasks.lock().unlock();
        }
        long user = 0;
        long system = 0;
        for (ThreadGroup group : groups) {
            user += group.times().userNanos() + group.childTimes().userNanos();
            system += group.times().systemNanos() + group.childTimes().systemNanos();
        }
        return new long[] {user, system};
    }

    private void uptime(Content out) {
        long up = proc.tasks().clock().monotonicNanos();
        long[] used = used();
        long idle = Math.max(0, up * proc.kernel().machine().processors() - used[0] - used[1]);
        out.text(hundredths(up) + " " + hundredths(idle) + "\n");
    }

    private static String hundredths(long nanos) {
        long part = nanos % SECOND / CENTISECOND;
        return nanos / SECOND + (part < 10 ? ".0" : ".") + part;
    }

    private void stat(Content out) {
        int processors = proc.kernel().machine().processors();
        long up = proc.tasks().clock().monotonicNanos();
        long[] used = used();
        long user = used[0] / StatText.TICK_NANOS;
        long system = used[1] / StatText.TICK_NANOS;
        long idle = Math.max(0, up / StatText.TICK_NANOS * processors - user - system);
        out.text("cpu  " + times(user, system, idle));
        for (int cpu = 0; cpu < processors; cpu++) {
            out.text(
                    "cpu"
                            + cpu
                            + " "
                            + times(user / processors, system / processors, idle / processors));
        }
        long boot = (proc.tasks().clock().realNanos() - up) / SECOND;
        out.text("intr 0\nctxt 0\nbtime " + boot + "\n");
        out.text("processes " + proc.tasks().rootNamespace().lastPid() + "\n");
        out.text("procs_running " + Math.max(1, running()) + "\nprocs_blocked 0\n");
        out.text("softirq 0 0 0 0 0 0 0 0 0 0 0\n");
    }

    private static String times(long user, long system, long idle) {
        return user + " 0 " + system + " " + idle + " 0 0 0 0 0 0\n";
    }
}
