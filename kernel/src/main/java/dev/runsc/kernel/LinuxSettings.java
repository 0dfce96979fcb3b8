package dev.runsc.kernel;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container's configuration says of Linux itself.
 *
 * @param filter of the calls of all its processes, or null
 * @param sysctls values by name, as in sysctl(8)
 * @param devices nodes to make
 * @param uids how its users lie in the sandbox; empty when it has no user namespace of its own
 * @param gids the same of groups
 */
public record LinuxSettings(
        @Nullable Filter filter,
        Map<String, String> sysctls,
        List<DeviceNode> devices,
        List<IdRange> uids,
        List<IdRange> gids) {
    public static final LinuxSettings NONE =
            new LinuxSettings(null, Map.of(), List.of(), List.of(), List.of());

    /**
     * A seccomp filter.
     *
     * @param instructions each a {@code struct sock_filter} as a little-endian number
     * @param logs {@code SECCOMP_FILTER_FLAG_LOG}
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    public record Filter(long[] instructions, boolean logs) {}

    /**
     * A node.
     *
     * @param path absolute
     * @param type file type of {@code st_mode}
     * @param permissions the low twelve bits
     * @param uid owner, as the container sees it
     */
    public record DeviceNode(
            String path, int type, int major, int minor, int permissions, int uid, int gid) {}

    /** A line of {@code /proc/PID/uid_map}; unsigned numbers. */
    public record IdRange(long containerId, long hostId, long count) {}

    /** Whether it has a user namespace of its own. */
    public boolean hasUsers() {
        return !uids.isEmpty();
    }
}
