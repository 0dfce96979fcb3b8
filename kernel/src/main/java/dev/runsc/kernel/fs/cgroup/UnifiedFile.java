package dev.runsc.kernel.fs.cgroup;

import static dev.runsc.kernel.cgroup.Controller.CPU;
import static dev.runsc.kernel.cgroup.Controller.CPUSET;
import static dev.runsc.kernel.cgroup.Controller.MEMORY;
import static dev.runsc.kernel.cgroup.Controller.PIDS;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.cgroup.Controller;
import dev.runsc.kernel.cgroup.Notice;
import dev.runsc.kernel.cgroup.Quantity;
import dev.runsc.kernel.fs.synthetic.Content;
import org.jspecify.annotations.Nullable;

/** The files of the controllers of version 2 (Documentation/admin-guide/cgroup-v2.rst). */
enum UnifiedFile implements ControlFile {
    CPUSET_CPUS("cpuset.cpus", CPUSET, null),
    CPUSET_CPUS_EFFECTIVE("cpuset.cpus.effective", CPUSET, 0444, true),
    CPUSET_MEMS("cpuset.mems", CPUSET, null),
    CPUSET_MEMS_EFFECTIVE("cpuset.mems.effective", CPUSET, 0444, true),
    CPU_WEIGHT("cpu.weight", CPU, Quantity.CPU_WEIGHT),
    CPU_MAX("cpu.max", CPU, null),
    CPU_MAX_BURST("cpu.max.burst", CPU, Quantity.CPU_BURST),
    CPU_IDLE("cpu.idle", CPU, Quantity.CPU_IDLE),
    MEMORY_CURRENT("memory.current", MEMORY, 0444, false),
    MEMORY_MIN("memory.min", MEMORY, Quantity.MEMORY_MIN),
    MEMORY_LOW("memory.low", MEMORY, Quantity.MEMORY_LOW),
    MEMORY_HIGH("memory.high", MEMORY, Quantity.MEMORY_HIGH),
    MEMORY_MAX("memory.max", MEMORY, Quantity.MEMORY_MAX),
    MEMORY_EVENTS("memory.events", MEMORY, 0444, false),
    MEMORY_EVENTS_LOCAL("memory.events.local", MEMORY, 0444, false),
    MEMORY_STAT("memory.stat", MEMORY, 0444, true),
    MEMORY_OOM_GROUP("memory.oom.group", MEMORY, Quantity.MEMORY_OOM_GROUP),
    MEMORY_SWAP_CURRENT("memory.swap.current", MEMORY, 0444, false),
    PIDS_MAX("pids.max", PIDS, Quantity.PIDS_MAX),
    PIDS_CURRENT("pids.current", PIDS, 0444, false),
    PIDS_PEAK("pids.peak", PIDS, 0444, false),
    PIDS_EVENTS("pids.events", PIDS, 0444, false),
    PIDS_EVENTS_LOCAL("pids.events.local", PIDS, 0444, false);

    /** PID_MAX_LIMIT, which pids.max stays below or at. */
    static final long PIDS_MOST = 1L << 22;

    private final String fileName;
    private final Controller controller;
    private final int permissions;
    private final boolean onRoot;
    private final @Nullable Quantity quantity;

    UnifiedFile(String fileName, Controller controller, @Nullable Quantity quantity) {
        this.fileName = fileName;
        this.controller = controller;
        this.permissions = 0644;
        this.onRoot = false;
        this.quantity = quantity;
    }

    UnifiedFile(String fileName, Controller controller, int permissions, boolean onRoot) {
        this.fileName = fileName;
        this.controller = controller;
        this.permissions = permissions;
        this.onRoot = onRoot;
        this.quantity = null;
    }

    static @Nullable UnifiedFile find(String name) {
        for (UnifiedFile file : values()) {
            if (file.fileName.equals(name)) {
                return file;
            }
        }
        return null;
    }

    Controller controller() {
        return controller;
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
        return group.hierarchy().isUnified()
                && (onRoot || !group.isRoot())
                && group.controllers().contains(controller);
    }

    @Override
    public @Nullable Notice notice(ControlGroup group) {
        return switch (this) {
            case PIDS_EVENTS -> group.pidsEvents(false);
            case PIDS_EVENTS_LOCAL -> group.pidsEvents(true);
            default -> null;
        };
    }

    @Override
    public void show(GroupView view, Content out) throws ErrnoException {
        ControlGroup group = view.group();
        out.text(
                switch (this) {
                    case CPUSET_CPUS -> CpusetText.wanted(view.machine(), group, CpusetText.CPUS);
                    case CPUSET_MEMS -> CpusetText.wanted(view.machine(), group, CpusetText.NODES);
                    case CPUSET_CPUS_EFFECTIVE -> effective(view, CpusetText.CPUS);
                    case CPUSET_MEMS_EFFECTIVE -> effective(view, CpusetText.NODES);
                    case CPU_MAX ->
                            Numbers.limit(group.get(Quantity.CPU_QUOTA))
                                    + " "
                                    + group.get(Quantity.CPU_PERIOD);
                    case MEMORY_CURRENT ->
                            Long.toString(MemoryText.of(view.tasks(), group).total());
                    case MEMORY_EVENTS, MEMORY_EVENTS_LOCAL ->
                            "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0";
                    case MEMORY_STAT -> {
                        MemoryText.of(view.tasks(), group).unified(out);
                        yield "";
                    }
                    case MEMORY_SWAP_CURRENT -> "0";
                    case PIDS_CURRENT -> Long.toString(group.pids());
                    case PIDS_PEAK -> Long.toString(group.pidsPeak());
                    case PIDS_EVENTS -> "max " + group.pidsRefused(false);
                    case PIDS_EVENTS_LOCAL -> "max " + group.pidsRefused(true);
                    case CPU_WEIGHT,
                            CPU_MAX_BURST,
                            CPU_IDLE,
                            MEMORY_MIN,
                            MEMORY_LOW,
                            MEMORY_HIGH,
                            MEMORY_MAX,
                            MEMORY_OOM_GROUP,
                            PIDS_MAX ->
                            Numbers.limit(group.get(requireQuantity()));
                });
        if (this != MEMORY_STAT) {
            out.text("\n");
        }
    }

    private Quantity requireQuantity() {
        return java.util.Objects.requireNonNull(quantity);
    }

    private static String effective(GroupView view, String key) throws ErrnoException {
        return Numbers.list(CpusetText.effective(view.machine(), view.group(), key));
    }

    @Override
    public void write(GroupView view, String text) throws ErrnoException {
        ControlGroup group = view.group();
        switch (this) {
            case CPUSET_CPUS -> CpusetText.set(view, CpusetText.CPUS, text);
            case CPUSET_MEMS -> CpusetText.set(view, CpusetText.NODES, text);
            case CPU_WEIGHT ->
                    group.set(
                            Quantity.CPU_WEIGHT, Numbers.within(Numbers.unsigned(text), 1, 10_000));
            case CPU_MAX -> CpuText.setMax(group, text);
            case CPU_MAX_BURST ->
                    CpuText.setBandwidth(
                            group,
                            group.get(Quantity.CPU_QUOTA),
                            group.get(Quantity.CPU_PERIOD),
                            Numbers.unsigned(text));
            case CPU_IDLE, MEMORY_OOM_GROUP -> {
                long on = Numbers.signed(text);
                if (on < 0 || on > 1) {
                    throw Errno.EINVAL.error();
                }
                group.set(requireQuantity(), on);
            }
            case MEMORY_MIN, MEMORY_LOW, MEMORY_HIGH, MEMORY_MAX ->
                    group.set(requireQuantity(), Numbers.bytes(text, "max"));
            case PIDS_MAX -> setPidsMax(group, text);
            case CPUSET_CPUS_EFFECTIVE,
                    CPUSET_MEMS_EFFECTIVE,
                    MEMORY_CURRENT,
                    MEMORY_EVENTS,
                    MEMORY_EVENTS_LOCAL,
                    MEMORY_STAT,
                    MEMORY_SWAP_CURRENT,
                    PIDS_CURRENT,
                    PIDS_PEAK,
                    PIDS_EVENTS,
                    PIDS_EVENTS_LOCAL ->
                    throw Errno.EINVAL.error();
        }
    }

    /** pids_max_write. */
    static void setPidsMax(ControlGroup group, String text) throws ErrnoException {
        long most = Quantity.NO_LIMIT;
        if (!text.equals("max")) {
            most = Numbers.signed(text);
            if (most < 0 || most > PIDS_MOST) {
                throw Errno.EINVAL.error();
            }
        }
        group.set(Quantity.PIDS_MAX, most);
    }
}
