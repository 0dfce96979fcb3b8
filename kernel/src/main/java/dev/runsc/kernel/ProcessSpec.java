package dev.runsc.kernel;

import dev.runsc.gofer.host.HostFd;
import java.util.List;
import java.util.Map;

/**
 * A process to start, as the runtime asks for it (the OCI {@code process} object, resolved to
 * numbers).
 *
 * @param arguments argument vector; the first is looked up on PATH of {@code environment} when it
 *     has no slash
 * @param environment {@code NAME=value} strings
 * @param workingDirectory absolute path in the container
 * @param capabilities sets in the order bounding, effective, inheritable, permitted, ambient; bit n
 *     is capability n
 * @param resourceLimits by RLIMIT_* number: {soft, hard}
 * @param descriptors host descriptors by guest descriptor number (0, 1, 2 and passed ones), and
 *     under {@link #PROGRAM} that of the program, if it is no file of the container; owned by the
 *     kernel from now on
 * @param terminal whether descriptors 0-2 are a terminal that becomes the controlling one
 */
public record ProcessSpec(
        List<String> arguments,
        List<String> environment,
        String workingDirectory,
        int uid,
        int gid,
        int[] additionalGids,
        int umask,
        long[] capabilities,
        boolean noNewPrivileges,
        Map<Integer, long[]> resourceLimits,
        Map<Integer, HostFd> descriptors,
        boolean terminal,
        int oomScoreAdj) {
    /** Where {@link #descriptors} has the program to run: no number that a guest could have. */
    public static final int PROGRAM = -1;
}
