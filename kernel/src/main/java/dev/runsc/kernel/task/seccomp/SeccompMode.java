package dev.runsc.kernel.task.seccomp;

import dev.runsc.gofer.abi.SeccompConstants;
import dev.runsc.state.Savable;
import org.jspecify.annotations.Nullable;

/** How a task's calls are restricted (Linux {@code struct seccomp}); a task without has none. */
public sealed interface SeccompMode extends Savable {
    /** {@code SECCOMP_MODE_*}, as /proc shows it. */
    int number();

    int filterCount();

    /** Only read, write, exit and rt_sigreturn. */
    record Strict() implements SeccompMode {
        @Override
        public int number() {
            return SeccompConstants.SECCOMP_MODE_STRICT;
        }

        @Override
        public int filterCount() {
            return 0;
        }
    }

    /**
     * What filters allow.
     *
     * @param filter the newest
     * @param noNewPrivileges came from another thread, which had given up new privileges: the task
     *     does so itself before its next call
     */
    record Filtered(SeccompFilter filter, boolean noNewPrivileges) implements SeccompMode {
        @Override
        public int number() {
            return SeccompConstants.SECCOMP_MODE_FILTER;
        }

        @Override
        public int filterCount() {
            return filter.depth();
        }
    }

    /** Tasks come to be in a mode, or leave it. */
    static void countUsers(@Nullable SeccompMode mode, int more) {
        if (mode instanceof Filtered filtered) {
            SeccompFilter.countUsers(filtered.filter(), more);
        }
    }

    Strict STRICT = new Strict();
}
