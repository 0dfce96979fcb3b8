package dev.runsc.cli.cgroup;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code linux.resources} object as far as cgroups hold it. What is null or empty is not
 * wanted; -1 means no limit where Linux has one.
 *
 * @param unified files of a version 2 cgroup by name
 * @param ignored fields that were given and are not applied
 */
public record Resources(
        Memory memory,
        Cpu cpu,
        @Nullable Long pidsLimit,
        BlockIo blockIo,
        List<HugePages> hugePages,
        Network network,
        Map<String, String> unified,
        List<String> ignored) {

    /** Nothing wanted. */
    public static final Resources NONE =
            new Resources(
                    Memory.NONE,
                    Cpu.NONE,
                    null,
                    BlockIo.NONE,
                    List.of(),
                    Network.NONE,
                    Map.of(),
                    List.of());

    /** No limit, in the fields of config.json. */
    public static final long UNLIMITED = -1;

    /**
     * Memory in bytes.
     *
     * @param swap memory and swap together, as version 1 counts
     * @param checkBeforeUpdate whether a limit below what is in use is refused
     */
    public record Memory(
            @Nullable Long limit,
            @Nullable Long reservation,
            @Nullable Long swap,
            @Nullable Long kernelTcp,
            @Nullable Long swappiness,
            @Nullable Boolean disableOomKiller,
            @Nullable Boolean checkBeforeUpdate) {
        static final Memory NONE = new Memory(null, null, null, null, null, null, null);

        Memory with(Memory newer) {
            return new Memory(
                    newest(newer.limit, limit),
                    newest(newer.reservation, reservation),
                    newest(newer.swap, swap),
                    newest(newer.kernelTcp, kernelTcp),
                    newest(newer.swappiness, swappiness),
                    newer.disableOomKiller == null ? disableOomKiller : newer.disableOomKiller,
                    newer.checkBeforeUpdate);
        }
    }

    /**
     * Processor time in microseconds, and which processors.
     *
     * @param cpus a list like {@code 0-3,7}; empty for no wish
     * @param mems the same for memory nodes
     */
    public record Cpu(
            @Nullable Long shares,
            @Nullable Long quota,
            @Nullable Long period,
            @Nullable Long burst,
            @Nullable Long realtimeRuntime,
            @Nullable Long realtimePeriod,
            @Nullable Long idle,
            String cpus,
            String mems) {
        static final Cpu NONE = new Cpu(null, null, null, null, null, null, null, "", "");

        Cpu with(Cpu newer) {
            return new Cpu(
                    newest(newer.shares, shares),
                    newest(newer.quota, quota),
                    newest(newer.period, period),
                    newest(newer.burst, burst),
                    newest(newer.realtimeRuntime, realtimeRuntime),
                    newest(newer.realtimePeriod, realtimePeriod),
                    newest(newer.idle, idle),
                    newer.cpus.isEmpty() ? cpus : newer.cpus,
                    newer.mems.isEmpty() ? mems : newer.mems);
        }
    }

    /** Disk time. */
    public record BlockIo(
            @Nullable Long weight,
            @Nullable Long leafWeight,
            List<DeviceWeight> weights,
            List<Throttle> throttles) {
        static final BlockIo NONE = new BlockIo(null, null, List.of(), List.of());

        BlockIo with(BlockIo newer) {
            return new BlockIo(
                    newest(newer.weight, weight),
                    newest(newer.leafWeight, leafWeight),
                    newer.weights.isEmpty() ? weights : newer.weights,
                    newer.throttles.isEmpty() ? throttles : newer.throttles);
        }
    }

    /** The share of one device. */
    public record DeviceWeight(
            long major, long minor, @Nullable Long weight, @Nullable Long leafWeight) {}

    /** What a rate counts. */
    public enum Rate {
        READ_BYTES("throttleReadBpsDevice", "blkio.throttle.read_bps_device", "rbps"),
        WRITE_BYTES("throttleWriteBpsDevice", "blkio.throttle.write_bps_device", "wbps"),
        READS("throttleReadIOPSDevice", "blkio.throttle.read_iops_device", "riops"),
        WRITES("throttleWriteIOPSDevice", "blkio.throttle.write_iops_device", "wiops");

        /** The field of config.json. */
        final String field;

        final String fileV1;
        final String keyV2;

        Rate(String field, String fileV1, String keyV2) {
            this.field = field;
            this.fileV1 = fileV1;
            this.keyV2 = keyV2;
        }
    }

    /** A bound per second for one device. */
    public record Throttle(Rate rate, long major, long minor, long perSecond) {}

    /**
     * A bound on huge pages.
     *
     * @param size as in {@code 2MB}
     */
    public record HugePages(String size, long limit) {}

    /** Marks on packets, of version 1 only. */
    public record Network(@Nullable Long classId, Map<String, Long> priorities) {
        static final Network NONE = new Network(null, Map.of());
    }

    /** These, with what another asks for in place of what these say about it. */
    public Resources with(Resources newer) {
        Map<String, String> files = new LinkedHashMap<>(unified);
        files.putAll(newer.unified);
        Map<String, HugePages> pages = new LinkedHashMap<>();
        hugePages.forEach(limit -> pages.put(limit.size(), limit));
        newer.hugePages.forEach(limit -> pages.put(limit.size(), limit));
        boolean sameNetwork = newer.network.equals(Network.NONE);
        return new Resources(
                memory.with(newer.memory),
                cpu.with(newer.cpu),
                newest(newer.pidsLimit, pidsLimit),
                blockIo.with(newer.blockIo),
                new ArrayList<>(pages.values()),
                sameNetwork ? network : newer.network,
                files,
                newer.ignored);
    }

    private static @Nullable Long newest(@Nullable Long newer, @Nullable Long older) {
        return newer == null ? older : newer;
    }
}
