package dev.runsc.kernel.fs.cgroup;

import static dev.runsc.kernel.cgroup.Controller.CPU;
import static dev.runsc.kernel.cgroup.Controller.CPUACCT;
import static dev.runsc.kernel.cgroup.Controller.CPUSET;
import static dev.runsc.kernel.cgroup.Controller.DEVICES;
import static dev.runsc.kernel.cgroup.Controller.JOB;
import static dev.runsc.kernel.cgroup.Controller.MEMORY;
import static dev.runsc.kernel.cgroup.Controller.PIDS;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.cgroup.Controller;
import dev.runsc.kernel.cgroup.Notice;
import dev.runsc.kernel.cgroup.Quantity;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.task.GroupTasks;
import dev.runsc.kernel.task.Task;
import org.jspecify.annotations.Nullable;

/** The files of version 1 (Documentation/admin-guide/cgroup-v1). */
enum LegacyFile implements ControlFile {
    PROCS("cgroup.procs", null, 0644),
    TASKS("tasks", null, 0644),
    CLONE_CHILDREN("cgroup.clone_children", null, 0644),
    NOTIFY_ON_RELEASE("notify_on_release", null, 0644),
    SANE_BEHAVIOR("cgroup.sane_behavior", null, 0444),
    RELEASE_AGENT("release_agent", null, 0644),
    CPUSET_CPUS("cpuset.cpus", CPUSET, 0644),
    CPUSET_MEMS("cpuset.mems", CPUSET, 0644),
    CPUSET_EFFECTIVE_CPUS("cpuset.effective_cpus", CPUSET, 0444),
    CPUSET_EFFECTIVE_MEMS("cpuset.effective_mems", CPUSET, 0444),
    CPU_SHARES("cpu.shares", CPU, 0644),
    CPU_QUOTA("cpu.cfs_quota_us", CPU, 0644),
    CPU_PERIOD("cpu.cfs_period_us", CPU, 0644),
    CPU_BURST("cpu.cfs_burst_us", CPU, 0644),
    CPU_STAT("cpu.stat", CPU, 0444),
    CPUACCT_USAGE("cpuacct.usage", CPUACCT, 0444),
    CPUACCT_USAGE_USER("cpuacct.usage_user", CPUACCT, 0444),
    CPUACCT_USAGE_SYS("cpuacct.usage_sys", CPUACCT, 0444),
    CPUACCT_STAT("cpuacct.stat", CPUACCT, 0444),
    MEMORY_USAGE("memory.usage_in_bytes", MEMORY, 0444),
    MEMORY_LIMIT("memory.limit_in_bytes", MEMORY, 0644),
    MEMORY_SOFT_LIMIT("memory.soft_limit_in_bytes", MEMORY, 0644),
    MEMORY_FAILCNT("memory.failcnt", MEMORY, 0444),
    MEMORY_STAT("memory.stat", MEMORY, 0444),
    MEMORY_USE_HIERARCHY("memory.use_hierarchy", MEMORY, 0644),
    MEMORY_SWAPPINESS("memory.swappiness", MEMORY, 0644),
    MEMORY_MOVE_CHARGE("memory.move_charge_at_immigrate", MEMORY, 0644),
    DEVICES_ALLOW("devices.allow", DEVICES, 0200),
    DEVICES_DENY("devices.deny", DEVICES, 0200),
    DEVICES_LIST("devices.list", DEVICES, 0444),
    PIDS_MAX("pids.max", PIDS, 0644),
    PIDS_CURRENT("pids.current", PIDS, 0444),
    PIDS_EVENTS("pids.events", PIDS, 0444),
    JOB_ID("job.id", JOB, 0644);

    private static final long SHARES_LEAST = 2;
    private static final long SHARES_MOST = 1 << 18;
    private static final int SWAPPINESS_MOST = 200;
    private static final int PATH_MAX = 4096;

    /** PAGE_COUNTER_MAX in bytes: no limit. */
    private static final long MEMORY_NO_LIMIT = Long.MAX_VALUE / 4096 * 4096;

    private final String fileName;
    private final @Nullable Controller controller;
    private final int permissions;

    LegacyFile(String fileName, @Nullable Controller controller, int permissions) {
        this.fileName = fileName;
        this.controller = controller;
        this.permissions = permissions;
    }

    @Override
    public String fileName() {
        return fileName;
    }

    @Override
    public int permissions() {
        return permissions;
    }

    @Override
    public boolean isIn(ControlGroup group) {
        boolean placed =
                switch (this) {
                    case SANE_BEHAVIOR, RELEASE_AGENT -> group.isRoot();
                    case PIDS_MAX, PIDS_CURRENT, PIDS_EVENTS -> !group.isRoot();
                    default -> true;
                };
        return placed
                && !group.hierarchy().isUnified()
                && (controller == null || group.controllers().contains(controller));
    }

    @Override
    public @Nullable Notice notice(ControlGroup group) {
        return this == PIDS_EVENTS ? group.pidsEvents(false) : null;
    }

    @Override
    public void show(GroupView view, Content out) throws ErrnoException {
        ControlGroup group = view.group();
        switch (this) {
            case PROCS -> CoreFile.processes(view, out);
            case TASKS -> CoreFile.threads(view, out);
            case CPUACCT_STAT -> CpuText.ticks(group, out);
            case CPU_STAT ->
                    out.text("nr_periods 0\nnr_throttled 0\nthrottled_time 0\n")
                            .text("nr_bursts 0\nburst_time 0\n");
            case MEMORY_STAT ->
                    MemoryText.of(view.tasks(), group)
                            .legacy(bytes(group.get(Quantity.MEMORY_MAX)), out);
            case DEVICES_LIST -> {
                String rules = group.text(fileName);
                out.text(rules.isEmpty() ? "a *:* rwm\n" : rules.substring(1));
            }
            case DEVICES_ALLOW, DEVICES_DENY -> throw Errno.EINVAL.error();
            default -> out.text(line(view, group) + "\n");
        }
    }

    /** Of the files that show one line. */
    private String line(GroupView view, ControlGroup group) throws ErrnoException {
        return switch (this) {
            case CLONE_CHILDREN -> Long.toString(group.get(Quantity.CLONE_CHILDREN));
            case NOTIFY_ON_RELEASE -> Long.toString(group.get(Quantity.NOTIFY_ON_RELEASE));
            case RELEASE_AGENT -> group.text(fileName);
            case CPUSET_CPUS -> CpusetText.wanted(view.machine(), group, CpusetText.CPUS);
            case CPUSET_MEMS -> CpusetText.wanted(view.machine(), group, CpusetText.NODES);
            case CPUSET_EFFECTIVE_CPUS ->
                    Numbers.list(CpusetText.effective(view.machine(), group, CpusetText.CPUS));
            case CPUSET_EFFECTIVE_MEMS ->
                    Numbers.list(CpusetText.effective(view.machine(), group, CpusetText.NODES));
            case CPU_SHARES -> Long.toString(group.get(Quantity.CPU_SHARES));
            case CPU_QUOTA -> {
                long quota = group.get(Quantity.CPU_QUOTA);
                yield quota == Quantity.NO_LIMIT ? "-1" : Long.toString(quota);
            }
            case CPU_PERIOD -> Long.toString(group.get(Quantity.CPU_PERIOD));
            case CPU_BURST -> Long.toString(group.get(Quantity.CPU_BURST));
            case CPUACCT_USAGE -> Long.toString(group.userNanos() + group.systemNanos());
            case CPUACCT_USAGE_USER -> Long.toString(group.userNanos());
            case CPUACCT_USAGE_SYS -> Long.toString(group.systemNanos());
            case MEMORY_USAGE -> Long.toString(MemoryText.of(view.tasks(), group).total());
            case MEMORY_LIMIT -> Long.toString(bytes(group.get(Quantity.MEMORY_MAX)));
            case MEMORY_SOFT_LIMIT -> Long.toString(bytes(group.get(Quantity.MEMORY_SOFT)));
            case MEMORY_USE_HIERARCHY -> "1";
            case MEMORY_SWAPPINESS -> Long.toString(group.get(Quantity.MEMORY_SWAPPINESS));
            case MEMORY_MOVE_CHARGE -> Long.toString(group.get(Quantity.MEMORY_MOVE_CHARGE));
            case PIDS_MAX -> Numbers.limit(group.get(Quantity.PIDS_MAX));
            case PIDS_CURRENT -> Long.toString(group.pids());
            case PIDS_EVENTS -> "max " + group.pidsRefused(true);
            case JOB_ID -> Long.toString(group.get(Quantity.JOB_ID));
            case SANE_BEHAVIOR, MEMORY_FAILCNT -> "0";
            case PROCS,
                    TASKS,
                    CPU_STAT,
                    CPUACCT_STAT,
                    MEMORY_STAT,
                    DEVICES_ALLOW,
                    DEVICES_DENY,
                    DEVICES_LIST ->
                    throw new AssertionError(this);
        };
    }

    private static long bytes(long limit) {
        return Math.min(limit, MEMORY_NO_LIMIT);
    }

    @Override
    public void write(GroupView view, String text) throws ErrnoException {
        ControlGroup group = view.group();
        switch (this) {
            case PROCS, TASKS -> move(view, text);
            case CLONE_CHILDREN ->
                    group.set(Quantity.CLONE_CHILDREN, Numbers.unsigned(text) == 0 ? 0 : 1);
            case NOTIFY_ON_RELEASE ->
                    group.set(Quantity.NOTIFY_ON_RELEASE, Numbers.unsigned(text) == 0 ? 0 : 1);
            case RELEASE_AGENT -> {
                if (text.length() >= PATH_MAX) {
                    throw Errno.EINVAL.error();
                }
                group.setText(fileName, text);
            }
            case CPUSET_CPUS -> CpusetText.set(view, CpusetText.CPUS, text);
            case CPUSET_MEMS -> CpusetText.set(view, CpusetText.NODES, text);
            case CPU_SHARES, CPU_QUOTA, CPU_PERIOD, CPU_BURST -> writeCpu(group, text);
            case MEMORY_LIMIT, MEMORY_SOFT_LIMIT -> {
                if (group.isRoot()) {
                    throw Errno.EINVAL.error();
                }
                Quantity which = this == MEMORY_LIMIT ? Quantity.MEMORY_MAX : Quantity.MEMORY_SOFT;
                group.set(which, Numbers.bytes(text, "-1"));
            }
            case MEMORY_SWAPPINESS -> {
                long value = Numbers.unsigned(text);
                if (value > SWAPPINESS_MOST) {
                    throw Errno.EINVAL.error();
                }
                group.set(Quantity.MEMORY_SWAPPINESS, value);
            }
            case MEMORY_USE_HIERARCHY -> {
                if (Numbers.unsigned(text) != 1) {
                    throw Errno.EINVAL.error();
                }
            }
            case MEMORY_MOVE_CHARGE ->
                    group.set(
                            Quantity.MEMORY_MOVE_CHARGE,
                            Numbers.within(Numbers.unsigned(text), 0, 3));
            case DEVICES_ALLOW, DEVICES_DENY ->
                    DeviceRules.write(view, text, this == DEVICES_ALLOW);
            case PIDS_MAX -> UnifiedFile.setPidsMax(group, text);
            case JOB_ID -> group.set(Quantity.JOB_ID, Numbers.signed(text));
            default -> throw Errno.EINVAL.error();
        }
    }

    private void move(GroupView view, String text) throws ErrnoException {
        ControlGroup group = view.group();
        Task moving = view.requireTask(text);
        view.requireMayMove(moving);
        boolean empty =
                CpusetText.wanted(view.machine(), group, CpusetText.CPUS).isEmpty()
                        || CpusetText.wanted(view.machine(), group, CpusetText.NODES).isEmpty();
        if (group.controllers().contains(CPUSET) && empty) {
            throw Errno.ENOSPC.error();
        }
        GroupTasks.move(moving, group, this == PROCS);
    }

    private void writeCpu(ControlGroup group, String text) throws ErrnoException {
        long quota = group.get(Quantity.CPU_QUOTA);
        long period = group.get(Quantity.CPU_PERIOD);
        long burst = group.get(Quantity.CPU_BURST);
        if (this == CPU_SHARES) {
            if (group.isRoot()) {
                throw Errno.EINVAL.error();
            }
            long shares = Numbers.unsigned(text);
            group.set(Quantity.CPU_SHARES, Math.max(SHARES_LEAST, Math.min(SHARES_MOST, shares)));
            return;
        }
        if (group.isRoot()) {
            throw Errno.EINVAL.error();
        }
        switch (this) {
            case CPU_QUOTA -> {
                long wanted = Numbers.signed(text);
                quota = wanted < 0 ? Quantity.NO_LIMIT : wanted;
            }
            case CPU_PERIOD -> period = Numbers.unsigned(text);
            default -> burst = Numbers.unsigned(text);
        }
        CpuText.setBandwidth(group, quota, period, burst);
    }
}
