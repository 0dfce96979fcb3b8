package dev.runsc.cli.cgroup;

import dev.runsc.cli.cgroup.Resources.Cpu;
import dev.runsc.cli.cgroup.Resources.Memory;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container sees of its limits in its own kernel: by the names and in the forms of version
 * 2. Processors and devices are left out: the kernel numbers them itself.
 */
public final class ShownGroup {
    /** PID_MAX_LIMIT: more than these is no limit. */
    private static final long PIDS_MOST = 1L << 22;

    private static final long PERIOD_MICROS = 100_000;

    private ShownGroup() {}

    /** The files to write, in order. */
    public static Map<String, String> limits(Resources resources) {
        Map<String, String> files = new LinkedHashMap<>();
        Memory memory = resources.memory();
        put(files, "memory.max", memory.limit());
        put(files, "memory.low", memory.reservation());
        Cpu cpu = resources.cpu();
        Long shares = cpu.shares();
        if (shares != null && shares != 0) {
            files.put("cpu.weight", String.valueOf(CgroupV2.weight(shares)));
        }
        Long quota = cpu.quota();
        if (quota != null && quota != 0) {
            Long period = cpu.period();
            long micros = period == null || period == 0 ? PERIOD_MICROS : period;
            files.put("cpu.max", (quota < 0 ? "max" : String.valueOf(quota)) + " " + micros);
            Long burst = cpu.burst();
            if (burst != null) {
                files.put("cpu.max.burst", String.valueOf(burst));
            }
        }
        Long idle = cpu.idle();
        if (idle != null) {
            files.put("cpu.idle", String.valueOf(idle));
        }
        Long pids = resources.pidsLimit();
        put(files, "pids.max", pids != null && pids > PIDS_MOST ? Long.valueOf(-1) : pids);
        return files;
    }

    /** 0 is no wish, less is no limit. */
    private static void put(Map<String, String> files, String file, @Nullable Long value) {
        if (value != null && value != 0) {
            files.put(file, value < 0 ? CgroupFiles.MAX : String.valueOf(value));
        }
    }
}
