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

    /** Tasks come to be in a mode, or leave it: who supervises them is told of the last. */
    static void countUsers(@Nullable SeccompMode mode, int more) {
        if (mode instanceof Filtered filtered) {
            SeccompFilter.countUsers(filtered.filter(), more);
        }
    }

    /** A task goes from one mode to another, which is returned. */
    static @Nullable SeccompMode counted(
            @Nullable SeccompMode before, @Nullable SeccompMode after) {
        countUsers(after, 1);
        countUsers(before, -1);
        return after;
    }

    Strict STRICT = new Strict();
}
