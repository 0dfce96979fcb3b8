package dev.runsc.cli.launch;

import java.nio.file.Path;

/**
 * A file or directory of the host that the gofer serves as the root of a connection.
 *
 * @param key its name in KernelHost: container name and mount destination
 * @param path where it is on the host, absolute
 * @param readonly whether the gofer refuses every change
 * @param mounts what of the host's mounts there is served
 */
public record GoferExport(String key, Path path, boolean readonly, Mounts mounts) {
    /**
     * The host's mounts at a path.
     *
     * @param recursive with those below
     * @param propagation of those that the host makes there later: {@code private} or {@code
     *     rprivate} when they are not to be seen; {@code rslave} when they are. What a guest mounts
     *     never comes to the host.
     */
    public record Mounts(boolean recursive, String propagation) {
        private static final String FOLLOW = "rslave";

        /** As the host has them. */
        static final Mounts ALL = new Mounts(true, FOLLOW);

        boolean areAll() {
            return recursive && propagation.equals(FOLLOW);
        }

        /**
         * Those of a bind mount.
         *
         * @param options its options, of which the last counts
         */
        static Mounts of(Iterable<String> options) {
            boolean recursive = false;
            String propagation = FOLLOW;
            for (String option : options) {
                switch (option) {
                    case "rbind" -> recursive = true;
                    case "private", "unbindable" -> propagation = "private";
                    case "rprivate", "runbindable" -> propagation = "rprivate";
                    case "slave", "rslave", "shared", "rshared" -> propagation = FOLLOW;
                    default -> {
                        // Says nothing about mounts of the host.
                    }
                }
            }
            return new Mounts(recursive, propagation);
        }

        /** These below a root with {@code linux.rootfsPropagation}. */
        Mounts below(String rootPropagation) {
            return switch (rootPropagation) {
                case "private", "rprivate", "unbindable", "runbindable" ->
                        new Mounts(recursive, "rprivate");
                default -> this;
            };
        }
    }
}
