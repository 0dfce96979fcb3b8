package dev.runsc.kernel;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A container to create: its file systems and its first process.
 *
 * @param id the container's id
 * @param name the name under which an image knows it, independent of the id
 * @param hostname empty for the sandbox's own
 * @param sharedNamespaces what it has in common with the sandbox's first container: {@code pid},
 *     {@code uts}, {@code ipc}
 * @param rootErofs whether the root is an EROFS image (else a folder)
 * @param rootReadonly whether the root mount is read-only for the guest
 * @param rootOverlay whether writes to the root go to an overlay in memory (else to the host
 *     through the gofer)
 * @param mounts further mounts, in order
 * @param maskedPaths paths covered by an empty file or directory
 * @param readonlyPaths paths remounted read-only
 * @param limits of its control group, by the names that version 2 has for their files
 * @param sandboxFiles the files of {@code /proc/gvisor} that it sees, by the names of {@link
 *     dev.runsc.kernel.task.SandboxFiles}
 * @param linux what it says of Linux itself
 * @param process the first process
 */
public record ContainerSpec(
        String id,
        String name,
        String hostname,
        Set<String> sharedNamespaces,
        boolean rootErofs,
        boolean rootReadonly,
        boolean rootOverlay,
        List<MountSpec> mounts,
        List<String> maskedPaths,
        List<String> readonlyPaths,
        Map<String, String> limits,
        Set<String> sandboxFiles,
        LinuxSettings linux,
        ProcessSpec process) {

    /**
     * One mount.
     *
     * @param destination absolute path in the container
     * @param type file system type: bind, tmpfs, proc, sysfs, devtmpfs, devpts, mqueue, cgroup ...
     * @param source for bind and erofs: the name under which the gofer serves it ({@link
     *     KernelHost#goferRoots}); for {@link #SHARED} the name under which others share it
     * @param readonly read-only for the guest
     * @param options what is left of the options (size=..., mode=..., nosuid ...)
     */
    public record MountSpec(
            String destination,
            String type,
            String source,
            boolean readonly,
            List<String> options) {
        /** An option of bind mounts and images: what is written stays in memory. */
        public static final String OVERLAY = "overlay";

        /**
         * Options of bind mounts that are followed by {@code STORED:SHOWN:SIZE}: as whose files of
         * users and of groups are shown.
         */
        public static final String USERS = "idmap-users=";

        public static final String GROUPS = "idmap-groups=";

        /** The type of memory that several containers mount under one name. */
        public static final String SHARED = "shared";
    }
}
