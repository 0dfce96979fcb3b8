package dev.runsc.cli.cgroup;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.cgroup.CgroupStats.Amount;
import dev.runsc.cli.cgroup.Resources.BlockIo;
import dev.runsc.cli.cgroup.Resources.Cpu;
import dev.runsc.cli.cgroup.Resources.DeviceWeight;
import dev.runsc.cli.cgroup.Resources.HugePages;
import dev.runsc.cli.cgroup.Resources.Memory;
import dev.runsc.cli.cgroup.Resources.Network;
import dev.runsc.cli.cgroup.Resources.Throttle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A cgroup of version 1: a directory per hierarchy. The files are those of the kernel's
 * Documentation/admin-guide/cgroup-v1.
 */
final class CgroupV1 extends Cgroup {
    private static final String MEMORY_LIMIT = "memory.limit_in_bytes";
    private static final String SWAP_LIMIT = "memory.memsw.limit_in_bytes";
    private static final String QUOTA = "cpu.cfs_quota_us";
    private static final String PERIOD = "cpu.cfs_period_us";
    private static final String BURST = "cpu.cfs_burst_us";

    CgroupV1(CgroupState state) {
        super(state);
    }

    @Override
    void prepareParent(String controller, Path directory) throws Failure {
        prepare(controller, directory);
    }

    /** A cpuset begins empty, and then no process may join. */
    @Override
    void prepare(String controller, Path directory) throws Failure {
        if (!controller.equals("cpuset")) {
            return;
        }
        for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
            if (Files.exists(directory.resolve(file))
                    && CgroupFiles.text(directory, file).isEmpty()) {
                Path above = directory.resolveSibling(".").normalize();
                CgroupFiles.write(directory, file, CgroupFiles.text(above, file));
            }
        }
    }

    @Override
    public void apply(Resources resources) throws Failure {
        applyMemory(resources.memory());
        applyCpu(resources.cpu());
        Long pids = resources.pidsLimit();
        if (pids != null && pids != 0) {
            set("pids", "pids.max", pids < 0 ? CgroupFiles.MAX : String.valueOf(pids));
        }
        applyBlockIo(resources.blockIo());
        for (HugePages pages : resources.hugePages()) {
            set("hugetlb", "hugetlb." + pages.size() + ".limit_in_bytes", pages.limit());
        }
        Network network = resources.network();
        set("net_cls", "net_cls.classid", network.classId());
        for (Map.Entry<String, Long> entry : network.priorities().entrySet()) {
            set("net_prio", "net_prio.ifpriomap", entry.getKey() + " " + entry.getValue());
        }
        if (!resources.unified().isEmpty()) {
            throw new Failure("linux.resources.unified needs cgroup version 2, this host has 1");
        }
    }

    private void applyMemory(Memory memory) throws Failure {
        Long limit = memory.limit();
        Long swap = memory.swap();
        if (limit != null && limit == Resources.UNLIMITED && swap == null) {
            // The sum of both may not stay below the first.
            Path directory = require("memory", MEMORY_LIMIT);
            if (Files.exists(directory.resolve(SWAP_LIMIT))) {
                swap = Resources.UNLIMITED;
            }
        }
        if (limit != null && swap != null && limit != 0 && swap != 0) {
            Path directory = require("memory", MEMORY_LIMIT);
            boolean grows =
                    swap == Resources.UNLIMITED
                            || CgroupFiles.number(directory, SWAP_LIMIT) < Math.max(limit, swap);
            // At no moment may the limit be above that of the sum.
            set("memory", grows ? SWAP_LIMIT : MEMORY_LIMIT, grows ? swap : limit);
            set("memory", grows ? MEMORY_LIMIT : SWAP_LIMIT, grows ? limit : swap);
        } else {
            setUnlessZero("memory", MEMORY_LIMIT, limit);
            setUnlessZero("memory", SWAP_LIMIT, swap);
        }
        setUnlessZero("memory", "memory.soft_limit_in_bytes", memory.reservation());
        setUnlessZero("memory", "memory.kmem.tcp.limit_in_bytes", memory.kernelTcp());
        set("memory", "memory.swappiness", memory.swappiness());
        if (memory.disableOomKiller() != null) {
            set("memory", "memory.oom_control", memory.disableOomKiller() ? 1L : 0L);
        }
    }

    private void applyCpu(Cpu cpu) throws Failure {
        setUnlessZero("cpu", "cpu.shares", cpu.shares());
        set("cpu", "cpu.idle", cpu.idle());
        applyBandwidth(cpu);
        setUnlessZero("cpu", "cpu.rt_period_us", cpu.realtimePeriod());
        setUnlessZero("cpu", "cpu.rt_runtime_us", cpu.realtimeRuntime());
        if (!cpu.cpus().isEmpty()) {
            set("cpuset", "cpuset.cpus", cpu.cpus());
        }
        if (!cpu.mems().isEmpty()) {
            set("cpuset", "cpuset.mems", cpu.mems());
        }
    }

    /**
     * Each of the three is checked against the other two as they are. Which order is right depends
     * on the old values: what is refused at first is tried again at the end.
     */
    private void applyBandwidth(Cpu cpu) throws Failure {
        Map<String, Long> wanted = new LinkedHashMap<>();
        putUnlessZero(wanted, PERIOD, cpu.period());
        putUnlessZero(wanted, QUOTA, cpu.quota());
        if (cpu.burst() != null) {
            wanted.put(BURST, cpu.burst());
        }
        Map<String, Long> again = new LinkedHashMap<>();
        for (Map.Entry<String, Long> entry : wanted.entrySet()) {
            Path directory = require("cpu", entry.getKey());
            try {
                CgroupFiles.put(directory, entry.getKey(), String.valueOf(entry.getValue()));
            } catch (IOException e) {
                DebugLog.write(entry.getKey() + " later: " + Failure.reason(e));
                again.put(entry.getKey(), entry.getValue());
            }
        }
        for (Map.Entry<String, Long> entry : again.entrySet()) {
            set("cpu", entry.getKey(), entry.getValue());
        }
    }

    private static void putUnlessZero(Map<String, Long> map, String file, @Nullable Long value) {
        if (value != null && value != 0) {
            map.put(file, value);
        }
    }

    private void applyBlockIo(BlockIo io) throws Failure {
        Long weight = io.weight();
        if (weight != null && weight != 0) {
            set("blkio", weightFile(), weight);
        }
        setUnlessZero("blkio", "blkio.leaf_weight", io.leafWeight());
        for (DeviceWeight device : io.weights()) {
            String name = device.major() + ":" + device.minor() + " ";
            if (device.weight() != null) {
                set("blkio", weightFile() + "_device", name + device.weight());
            }
            if (device.leafWeight() != null) {
                set("blkio", "blkio.leaf_weight_device", name + device.leafWeight());
            }
        }
        for (Throttle throttle : io.throttles()) {
            set(
                    "blkio",
                    throttle.rate().fileV1,
                    throttle.major() + ":" + throttle.minor() + " " + throttle.perSecond());
        }
    }

    /** The scheduler that obeys weights has changed, and the file's name with it. */
    private String weightFile() throws Failure {
        Path directory = require("blkio", "blkio.weight");
        String old = "blkio.weight";
        return Files.exists(directory.resolve(old)) ? old : "blkio.bfq.weight";
    }

    private void setUnlessZero(String controller, String file, @Nullable Long value)
            throws Failure {
        if (value != null && value != 0) {
            set(controller, file, value);
        }
    }

    private void set(String controller, String file, @Nullable Long value) throws Failure {
        if (value != null) {
            set(controller, file, String.valueOf(value));
        }
    }

    private void set(String controller, String file, String value) throws Failure {
        CgroupFiles.write(require(controller, file), file, value);
    }

    private Path require(String controller, String file) throws Failure {
        return directory(controller)
                .orElseThrow(() ->
                        new Failure(
                                "configuring cgroup: "
                                        + file
                                        + " is wanted, and this host has no "
                                        + controller
                                        + " cgroups"));
    }

    @Override
    boolean isFrozen() throws Failure {
        Path freezer = directory("freezer").orElse(null);
        String state = freezer == null ? "" : CgroupFiles.textIfThere(freezer, "freezer.state");
        return state.equals("FROZEN") || state.equals("FREEZING");
    }

    @Override
    public CgroupStats stats() throws Failure {
        Path cpu = directory("cpuacct").orElse(null);
        Path memory = directory("memory").orElse(null);
        Path pids = directory("pids").orElse(null);
        Map<String, Long> raw =
                memory == null ? Map.of() : CgroupFiles.table(memory, "memory.stat");
        long pidsLimit = pids == null ? 0 : CgroupFiles.number(pids, "pids.max");
        return new CgroupStats(
                cpu == null ? 0 : CgroupFiles.number(cpu, "cpuacct.usage"),
                cpu == null ? 0 : CgroupFiles.number(cpu, "cpuacct.usage_user"),
                cpu == null ? 0 : CgroupFiles.number(cpu, "cpuacct.usage_sys"),
                cpu == null ? List.of() : CgroupFiles.numbers(cpu, "cpuacct.usage_percpu"),
                raw.getOrDefault("total_cache", raw.getOrDefault("cache", 0L)),
                amount(memory, "memory."),
                amount(memory, "memory.memsw."),
                amount(memory, "memory.kmem."),
                amount(memory, "memory.kmem.tcp."),
                raw,
                pids == null ? 0 : CgroupFiles.number(pids, "pids.current"),
                pidsLimit == CgroupFiles.NO_LIMIT ? 0 : pidsLimit);
    }

    private static Amount amount(@Nullable Path directory, String prefix) throws Failure {
        if (directory == null) {
            return Amount.NONE;
        }
        return new Amount(
                CgroupFiles.number(directory, prefix + "limit_in_bytes"),
                CgroupFiles.number(directory, prefix + "usage_in_bytes"),
                CgroupFiles.number(directory, prefix + "max_usage_in_bytes"),
                CgroupFiles.number(directory, prefix + "failcnt"));
    }

    @Override
    public int processors() throws Failure {
        Path directory = directory("cpuset").orElse(null);
        return directory == null
                ? 0
                : CgroupFiles.count(CgroupFiles.textIfThere(directory, "cpuset.cpus"));
    }

    @Override
    public double processorQuota() throws Failure {
        Path directory = directory("cpu").orElse(null);
        if (directory == null) {
            return 0;
        }
        long quota = CgroupFiles.number(directory, QUOTA);
        long period = CgroupFiles.number(directory, PERIOD);
        return quota <= 0 || period <= 0 ? 0 : (double) quota / period;
    }

    @Override
    public long memoryLimit() throws Failure {
        Path directory = directory("memory").orElse(null);
        long limit = directory == null ? 0 : CgroupFiles.number(directory, MEMORY_LIMIT);
        return limit <= 0 ? CgroupFiles.NO_LIMIT : limit;
    }
}
