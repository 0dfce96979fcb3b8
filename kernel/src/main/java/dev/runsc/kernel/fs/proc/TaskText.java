package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.fs.synthetic.ContentSource;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MountListing;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.kernel.vfs.RawName;

/** The files of a task directory by their row. */
record TaskText(Subject subject, TaskEntry entry) implements ContentSource {
    private static final int OOM_SCORE_MAX = 1000;
    private static final int OOM_ADJUST_MAX = 15;
    private static final int OOM_DISABLE = -17;
    private static final int COMM_MAX = 15;
    private static final long DEFAULT_TIMER_SLACK = 50_000;
    private static final long MAX_UINT = 0xffffffffL;

    @Override
    public void checkOpen(Caller caller, int flags) throws ErrnoException {
        switch (entry) {
            case ENVIRON, AUXV, SMAPS_ROLLUP -> subject.requireMemory(caller);
            case MAPS, SMAPS -> subject.requireInspectable(caller);
            case MOUNTS, MOUNTINFO, MOUNTSTATS -> {
                if (subject.require().findFs() == null) {
                    throw Errno.EINVAL.error();
                }
            }
            default -> subject.require();
        }
    }

    @Override
    public void generate(Caller caller, Content out) throws ErrnoException {
        Task task = subject.require();
        ThreadGroup group = task.group();
        switch (entry) {
            case STATUS -> StatusText.write(caller, subject, task, out);
            case STAT -> StatText.stat(subject, task, Inspection.allows(caller, task), out);
            case STATM -> StatText.statm(task, out);
            case LIMITS -> StatText.limits(group.limits(), out);
            case SCHED -> StatText.sched(subject, task, out);
            case SCHEDSTAT -> out.text(task.times().totalNanos() + " 0 0\n");
            case IO -> StatText.io(subject, caller, out);
            case MAPS -> MemoryText.maps(task.findMemory(), out);
            case SMAPS -> MemoryText.smaps(task.findMemory(), out);
            case SMAPS_ROLLUP -> MemoryText.rollup(task.findMemory(), out);
            case CMDLINE -> MemoryText.commandLine(task.findMemory(), out);
            case ENVIRON -> MemoryText.environment(task.findMemory(), out);
            case AUXV -> MemoryText.auxiliary(task.findMemory(), out);
            case COMM -> out.raw(task.name()).text("\n");
            case CHILDREN -> children(task, out);
            case MOUNTS, MOUNTINFO, MOUNTSTATS -> mounts(caller, task, out);
            case PERSONALITY -> out.format("%08x\n", task.personality());
            case SYSCALL -> out.text(task.isRunning() ? "running\n" : "-1 0x0 0x0\n");
            case WCHAN -> out.text("0");
            case TIMENS_OFFSETS ->
                    out.text("monotonic           0         0\nboottime            0         0\n");
            case CPUSET -> ControlGroupText.cpuset(caller, task, out);
            case CGROUP -> ControlGroupText.groups(caller, task, out);
            case OOM_SCORE -> out.text(oomScore(task) + "\n");
            case OOM_ADJ -> out.text(oomAdjust(group.oomScoreAdjust()) + "\n");
            case OOM_SCORE_ADJ -> out.text(group.oomScoreAdjust() + "\n");
            case LOGINUID -> out.text(Integer.toUnsignedString(group.loginUid()));
            case SESSIONID -> out.text(Long.toString(MAX_UINT));
            case COREDUMP_FILTER -> {
                if (task.findMemory() != null) {
                    out.format("%08x\n", group.coredumpFilter());
                }
            }
            case TIMERSLACK_NS -> out.text(task.scheduling().timerSlackNanos() + "\n");
            case STACK, TIMERS -> {
                // The kernel's stack is nobody's business, and timers are not listed: both are
                // empty.
            }
            case TASK, FD, FDINFO, NS, NET, MEM, CWD, ROOT, EXE, UID_MAP, GID_MAP, SETGROUPS ->
                    throw new AssertionError(entry);
        }
    }

    private void children(Task task, Content out) {
        if (!task.isLeader()) {
            // Children belong to processes here, so the leader's file names those of all threads.
            return;
        }
        for (ThreadGroup child : task.group().children()) {
            int number = child.pid().in(subject.proc().namespace());
            if (number != 0) {
                out.text(number + " ");
            }
        }
    }

    private void mounts(Caller caller, Task task, Content out) throws ErrnoException {
        FsContext fs = task.findFs();
        Location root = fs == null ? null : fs.root();
        MountNamespace namespace = root == null ? null : root.mount().namespace();
        if (root == null || namespace == null) {
            return;
        }
        switch (entry) {
            case MOUNTS -> out.raw(MountListing.mounts(namespace, root));
            case MOUNTINFO -> out.raw(MountListing.mountInfo(namespace, root, caller));
            default -> {
                for (String line : MountListing.mounts(namespace, root).lines().toList()) {
                    String[] words = line.split(" ", -1);
                    out.raw(
                            "device "
                                    + words[0]
                                    + " mounted on "
                                    + words[1]
                                    + " with fstype "
                                    + words[2]
                                    + "\n");
                }
            }
        }
    }

    /** mm/oom_kill.c oom_badness as fs/proc/base.c proc_oom_score scales it. */
    private static int oomScore(Task task) {
        var memory = task.findMemory();
        int adjust = task.group().oomScoreAdjust();
        if (memory == null || adjust == -OOM_SCORE_MAX) {
            return 0;
        }
        long total = Math.max(1, task.taskSet().host().totalMemoryBytes());
        long share = memory.statistics().resident() * OOM_SCORE_MAX / total;
        return (int) Math.max(0, (OOM_SCORE_MAX + share + adjust) * 2 / 3);
    }

    private static int oomAdjust(int score) {
        return score == OOM_SCORE_MAX ? OOM_ADJUST_MAX : score * -OOM_DISABLE / OOM_SCORE_MAX;
    }

    @Override
    public long write(Caller caller, byte[] data, long offset) throws ErrnoException {
        Task task = subject.require();
        ThreadGroup group = task.group();
        switch (entry) {
            case COMM -> writeName(caller, task, data);
            case OOM_SCORE_ADJ ->
                    setOom(caller, group, number(data, -OOM_SCORE_MAX, OOM_SCORE_MAX));
            case OOM_ADJ -> {
                int value = number(data, OOM_DISABLE, OOM_ADJUST_MAX);
                int score =
                        value == OOM_ADJUST_MAX
                                ? OOM_SCORE_MAX
                                : value * OOM_SCORE_MAX / -OOM_DISABLE;
                setOom(caller, group, score);
            }
            case LOGINUID -> {
                long value = longNumber(data);
                if (value < 0 || value > MAX_UINT) {
                    throw Errno.EINVAL.error();
                }
                group.setLoginUid((int) value);
            }
            case COREDUMP_FILTER -> group.setCoredumpFilter((int) longNumber(data) & 0x1ff);
            case TIMERSLACK_NS -> {
                Inspection.require(caller, task);
                long nanos = longNumber(data);
                task.scheduling().setTimerSlackNanos(nanos == 0 ? DEFAULT_TIMER_SLACK : nanos);
            }
            case SCHED -> {
                // Resets statistics that are not kept.
            }
            default -> throw Errno.EINVAL.error();
        }
        return data.length;
    }

    private static void writeName(Caller caller, Task task, byte[] data) throws ErrnoException {
        Task self = Inspection.findTask(caller);
        if (self == null || self.group() != task.group()) {
            throw Errno.EINVAL.error();
        }
        String name = RawName.of(data);
        int end = name.indexOf(0);
        task.setName(name.substring(0, Math.min(COMM_MAX, end < 0 ? name.length() : end)));
    }

    private static void setOom(Caller caller, ThreadGroup group, int score) throws ErrnoException {
        if (score < group.oomScoreAdjust()
                && !caller.credentials().has(Capabilities.CAP_SYS_RESOURCE)) {
            throw Errno.EACCES.error();
        }
        group.setOomScoreAdjust(score);
    }

    private static int number(byte[] data, int least, int most) throws ErrnoException {
        long value = longNumber(data);
        if (value < least || value > most) {
            throw Errno.EINVAL.error();
        }
        return (int) value;
    }

    /** A number as kstrtol takes it: decimal, octal or hexadecimal by its prefix. */
    static long longNumber(byte[] data) throws ErrnoException {
        try {
            String text = RawName.of(data).strip();
            boolean octal = text.length() > 1 && text.startsWith("0") && !text.startsWith("0x");
            return octal ? Long.parseLong(text, 8) : Long.decode(text);
        } catch (NumberFormatException e) {
            throw Errno.EINVAL.error();
        }
    }
}
