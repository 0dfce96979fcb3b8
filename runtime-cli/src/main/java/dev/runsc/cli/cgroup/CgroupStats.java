package dev.runsc.cli.cgroup;

import java.util.List;
import java.util.Map;

/**
 * What a cgroup has used.
 *
 * @param cpuNanos in all
 * @param userNanos of it in programs
 * @param kernelNanos of it in the host's kernel
 * @param perProcessorNanos empty in version 2
 * @param cacheBytes memory of files
 * @param raw the table of {@code memory.stat}
 * @param pids threads of the host
 * @param pidsLimit 0 for none
 */
public record CgroupStats(
        long cpuNanos,
        long userNanos,
        long kernelNanos,
        List<Long> perProcessorNanos,
        long cacheBytes,
        Amount memory,
        Amount swap,
        Amount kernel,
        Amount kernelTcp,
        Map<String, Long> raw,
        long pids,
        long pidsLimit) {

    /**
     * A counter with its bound.
     *
     * @param limit {@link Long#MAX_VALUE} for none
     * @param max the most there ever was
     * @param failures how many times the bound was met
     */
    public record Amount(long limit, long usage, long max, long failures) {
        public static final Amount NONE = new Amount(0, 0, 0, 0);
    }
}
