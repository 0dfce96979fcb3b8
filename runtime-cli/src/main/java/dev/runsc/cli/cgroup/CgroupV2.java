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
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A cgroup of version 2: one directory. The files are those of the kernel's
 * Documentation/admin-guide/cgroup-v2.rst.
 */
final class CgroupV2 extends Cgroup {
    private static final String SUBTREE = "cgroup.subtree_control";
    private static final String CONTROLLERS = "cgroup.controllers";
    private static final String TYPE = "cgroup.type";
    private static final String INVALID = "domain invalid";
    private static final String SWAP = "memory.swap.max";

    /** Files that say who is in a cgroup and whether it runs: those are our own business. */
    private static final Set<String> NO_LIMITS =
            Set.of(PROCESSES, "cgroup.threads", "cgroup.freeze", "cgroup.kill", TYPE);

    private static final long NANOS_PER_MICRO = 1000;

    /** Bounds of cpu.shares and of cpu.weight, and of blkio.weight. */
    private static final long SHARES_LEAST = 2;

    private static final long SHARES_MOST = 262_144;
    private static final long WEIGHT_MOST = 10_000;
    private static final long BLKIO_LEAST = 10;
    private static final long BLKIO_MOST = 1000;

    CgroupV2(CgroupState state) {
        super(state);
    }

    private Path own() {
        return directories().iterator().next();
    }

    /** What a directory does not pass on, those below it do not have. */
    @Override
    void prepareParent(String controller, Path directory) throws Failure {
        String type = CgroupFiles.textIfThere(directory, TYPE);
        boolean readable = !type.isEmpty() && !type.equals(INVALID) && !type.equals("threaded");
        if (readable && !CgroupFiles.textIfThere(directory, PROCESSES).isEmpty()) {
            // Most controllers are refused then, and with the others nothing below takes processes.
            DebugLog.write("cgroup " + directory + " has processes: it passes nothing more on");
            return;
        }
        String passed = " " + CgroupFiles.textIfThere(directory, SUBTREE) + " ";
        for (String name : CgroupFiles.textIfThere(directory, CONTROLLERS).split("\\s+")) {
            if (name.isEmpty() || passed.contains(" " + name + " ")) {
                continue;
            }
            try {
                CgroupFiles.put(directory, SUBTREE, "+" + name);
            } catch (IOException e) {
                // Who needs it finds its file missing and says so.
                DebugLog.write("cgroup " + directory + ": +" + name + ": " + Failure.reason(e));
            }
        }
    }

    /** Beside a threaded cgroup there is no place for another: it takes no process in. */
    @Override
    void prepare(String controller, Path directory) throws Failure {
        if (CgroupFiles.textIfThere(directory, TYPE).equals(INVALID)) {
            throw new Failure(
                    "cgroup "
                            + directory
                            + " is of type \""
                            + INVALID
                            + "\": one above it or beside it is threaded, or passes controllers on"
                            + " and has processes");
        }
    }

    @Override
    public void apply(Resources resources) throws Failure {
        applyMemory(resources.memory());
        applyCpu(resources.cpu());
        Long pids = resources.pidsLimit();
        if (pids != null && pids != 0) {
            set("pids.max", maxOr(pids));
        }
        applyBlockIo(resources.blockIo());
        for (HugePages pages : resources.hugePages()) {
            set("hugetlb." + pages.size() + ".max", pages.limit());
        }
        if (!resources.network().equals(Network.NONE)) {
            DebugLog.write(
                    "linux.resources.network is ignored: cgroup version 2 has no such thing");
        }
        for (Map.Entry<String, String> file : resources.unified().entrySet()) {
            applyUnified(file.getKey(), file.getValue());
        }
    }

    /** A file of the cgroup's directory as it is; several lines are several writes. */
    private void applyUnified(String file, String value) throws Failure {
        if (!file.matches("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+")) {
            throw new Failure("linux.resources.unified: \"" + file + "\" is no file of a cgroup");
        }
        if (NO_LIMITS.contains(file)) {
            throw new Failure("linux.resources.unified: " + file + " is no limit");
        }
        for (String line : value.split("\n")) {
            set(file, line);
        }
    }

    private void applyMemory(Memory memory) throws Failure {
        requireRoom(memory);
        Long limit = memory.limit();
        Long swap = memory.swap();
        boolean unlimited = limit != null && limit == Resources.UNLIMITED;
        if (unlimited && swap == null && Files.exists(own().resolve(SWAP))) {
            swap = Resources.UNLIMITED;
        }
        if (swap != null && swap != 0) {
            set(SWAP, swapAlone(swap, limit == null || limit == 0 ? memoryLimit() : limit));
        }
        if (limit != null && limit != 0) {
            set("memory.max", maxOr(limit));
        }
        Long reservation = memory.reservation();
        if (reservation != null && reservation != 0) {
            set("memory.low", maxOr(reservation));
        }
        ignored("memory.kernelTCP", memory.kernelTcp());
        ignored("memory.swappiness", memory.swappiness());
        ignored("memory.disableOOMKiller", memory.disableOomKiller());
    }

    private static void ignored(String name, @Nullable Object value) {
        if (value != null) {
            DebugLog.write(
                    "linux.resources." + name + " is ignored: cgroup version 2 has no such thing");
        }
    }

    /** A limit below what is in use is for the host's OOM killer; who does not want that asks. */
    private void requireRoom(Memory memory) throws Failure {
        if (!Boolean.TRUE.equals(memory.checkBeforeUpdate())) {
            return;
        }
        long usage = CgroupFiles.number(own(), "memory.current");
        requireRoom("memory.swap", memory.swap(), usage);
        requireRoom("memory.limit", memory.limit(), usage);
    }

    private static void requireRoom(String name, @Nullable Long limit, long usage) throws Failure {
        if (limit != null && limit > 0 && limit <= usage) {
            throw new Failure(
                    "linux.resources."
                            + name
                            + " of "
                            + limit
                            + " is not above the usage, "
                            + usage);
        }
    }

    /**
     * Version 2 counts swap alone, config.json with memory.
     *
     * @param limit on memory, wanted or else in force; {@link CgroupFiles#NO_LIMIT} for none
     */
    private static String swapAlone(long both, long limit) throws Failure {
        if (both == Resources.UNLIMITED) {
            return CgroupFiles.MAX;
        }
        if (limit == Resources.UNLIMITED || limit == CgroupFiles.NO_LIMIT) {
            throw new Failure("linux.resources.memory.swap needs a memory limit");
        }
        if (both < limit) {
            throw new Failure("linux.resources.memory.swap is less than the memory limit");
        }
        return String.valueOf(both - limit);
    }

    private void applyCpu(Cpu cpu) throws Failure {
        Long shares = cpu.shares();
        if (shares != null && shares != 0) {
            set("cpu.weight", weight(shares));
        }
        set("cpu.idle", cpu.idle());
        Long quota = cpu.quota();
        Long period = cpu.period();
        Long burst = cpu.burst();
        if (burst != null && burst == 0) {
            set("cpu.max.burst", burst);
        }
        if (quota != null && quota != 0 || period != null && period != 0) {
            String runtime =
                    quota == null || quota == 0
                            ? CgroupFiles.textIfThere(own(), "cpu.max").split(" ")[0]
                            : quota < 0 ? CgroupFiles.MAX : String.valueOf(quota);
            String first = runtime.isEmpty() ? CgroupFiles.MAX : runtime;
            set("cpu.max", period == null || period == 0 ? first : first + " " + period);
        }
        if (burst != null && burst != 0) {
            set("cpu.max.burst", burst);
        }
        if (cpu.realtimePeriod() != null || cpu.realtimeRuntime() != null) {
            ignored("cpu.realtimePeriod and realtimeRuntime", true);
        }
        if (!cpu.cpus().isEmpty()) {
            set("cpuset.cpus", cpu.cpus());
        }
        if (!cpu.mems().isEmpty()) {
            set("cpuset.mems", cpu.mems());
        }
    }

    private void applyBlockIo(BlockIo io) throws Failure {
        // The scheduler that takes blkio's own numbers, where it is in use.
        String bfq = "io.bfq.weight";
        boolean scheduler = Files.exists(own().resolve(bfq));
        Long weight = io.weight();
        if (weight != null && weight != 0) {
            if (scheduler) {
                set(bfq, weight);
            } else {
                set("io.weight", "default " + scaled(weight, BLKIO_LEAST, BLKIO_MOST));
            }
        }
        ignored("blockIO.leafWeight", io.leafWeight());
        for (DeviceWeight device : io.weights()) {
            Long own = device.weight();
            if (own != null) {
                String name = device.major() + ":" + device.minor() + " ";
                long scaled = scheduler ? own : scaled(own, BLKIO_LEAST, BLKIO_MOST);
                set(scheduler ? bfq : "io.weight", name + scaled);
            }
        }
        for (Throttle throttle : io.throttles()) {
            String rate = throttle.perSecond() == 0 ? "max" : "" + throttle.perSecond();
            set(
                    "io.max",
                    throttle.major()
                            + ":"
                            + throttle.minor()
                            + " "
                            + throttle.rate().keyV2
                            + "="
                            + rate);
        }
    }

    /** cpu.weight for cpu.shares. */
    static long weight(long shares) {
        return scaled(shares, SHARES_LEAST, SHARES_MOST);
    }

    /** From a weight of version 1 to one between 1 and 10,000, in proportion. */
    private static long scaled(long value, long least, long most) {
        long bounded = Math.clamp(value, least, most);
        return 1 + (bounded - least) * (WEIGHT_MOST - 1) / (most - least);
    }

    private static String maxOr(long value) {
        return value < 0 ? CgroupFiles.MAX : String.valueOf(value);
    }

    private void set(String file, @Nullable Long value) throws Failure {
        if (value != null) {
            set(file, String.valueOf(value));
        }
    }

    private void set(String file, String value) throws Failure {
        String controller = file.substring(0, file.indexOf('.'));
        String available = CgroupFiles.textIfThere(own(), CONTROLLERS);
        if (!Files.exists(own().resolve(file))
                && !controller.equals("cgroup")
                && !List.of(available.split(" ")).contains(controller)) {
            throw new Failure(
                    "configuring cgroup: "
                            + file
                            + " is wanted, and the host passes no "
                            + controller
                            + " controller on to "
                            + own());
        }
        CgroupFiles.write(own(), file, value);
    }

    @Override
    boolean isFrozen() throws Failure {
        return CgroupFiles.table(own(), "cgroup.events").getOrDefault("frozen", 0L) != 0;
    }

    @Override
    public CgroupStats stats() throws Failure {
        Path own = own();
        Map<String, Long> cpu = CgroupFiles.table(own, "cpu.stat");
        Map<String, Long> raw = CgroupFiles.table(own, "memory.stat");
        long pidsLimit = CgroupFiles.number(own, "pids.max");
        Amount memory = amount(own, "memory.");
        return new CgroupStats(
                cpu.getOrDefault("usage_usec", 0L) * NANOS_PER_MICRO,
                cpu.getOrDefault("user_usec", 0L) * NANOS_PER_MICRO,
                cpu.getOrDefault("system_usec", 0L) * NANOS_PER_MICRO,
                List.of(),
                raw.getOrDefault("file", 0L),
                memory,
                both(memory, amount(own, "memory.swap.")),
                new Amount(0, raw.getOrDefault("kernel", 0L), 0, 0),
                new Amount(0, raw.getOrDefault("sock", 0L), 0, 0),
                raw,
                CgroupFiles.number(own, "pids.current"),
                pidsLimit == CgroupFiles.NO_LIMIT ? 0 : pidsLimit);
    }

    /**
     * Swap with memory, as version 1 counts it and config.json too; the peak of both is unknown.
     */
    private static Amount both(Amount memory, Amount swap) {
        boolean bounded = memory.limit() < CgroupFiles.NO_LIMIT - swap.limit();
        return new Amount(
                bounded ? memory.limit() + swap.limit() : CgroupFiles.NO_LIMIT,
                memory.usage() + swap.usage(),
                0,
                swap.failures());
    }

    private static Amount amount(Path own, String prefix) throws Failure {
        Map<String, Long> events = CgroupFiles.table(own, prefix + "events");
        return new Amount(
                CgroupFiles.number(own, prefix + "max"),
                CgroupFiles.number(own, prefix + "current"),
                CgroupFiles.number(own, prefix + "peak"),
                events.getOrDefault("max", 0L));
    }

    @Override
    public int processors() throws Failure {
        return CgroupFiles.count(CgroupFiles.textIfThere(own(), "cpuset.cpus.effective"));
    }

    @Override
    public double processorQuota() throws Failure {
        String[] words = CgroupFiles.textIfThere(own(), "cpu.max").split(" ");
        if (words.length < 2 || words[0].equals(CgroupFiles.MAX)) {
            return 0;
        }
        long period = CgroupFiles.number(words[1]);
        return period <= 0 ? 0 : (double) CgroupFiles.number(words[0]) / period;
    }

    @Override
    public long memoryLimit() throws Failure {
        long limit = CgroupFiles.number(own(), "memory.max");
        return limit <= 0 ? CgroupFiles.NO_LIMIT : limit;
    }
}
