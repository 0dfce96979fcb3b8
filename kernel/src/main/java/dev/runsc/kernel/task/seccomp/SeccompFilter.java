package dev.runsc.kernel.task.seccomp;

import dev.runsc.gofer.abi.SeccompConstants;
import dev.runsc.state.Savable;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** A filter and those installed before it, all of which are asked (Linux struct seccomp_filter). */
public final class SeccompFilter implements Savable {
    /** Numbers below this may be known to be allowed ahead of the call. */
    private static final int NUMBERS = 512;

    private final BpfProgram program;
    private final @Nullable SeccompFilter previous;
    private final boolean logs;

    /** Where it has supervisors asked; null for nowhere. Since version 2. */
    private final @Nullable Notifications notifications;

    private final int depth;

    /** Numbers that this filter and all before it always allow; made at the first call. */
    private transient volatile @Nullable BitSet allowed;

    /**
     * What filters say of a call.
     *
     * @param result {@code SECCOMP_RET_*} with its data
     * @param logs whether the filter that says so wants its answers logged
     * @param notifications of that filter
     */
    public record Verdict(int result, boolean logs, @Nullable Notifications notifications) {
        public int action() {
            return result & SeccompConstants.SECCOMP_RET_ACTION_FULL;
        }

        public int data() {
            return result & SeccompConstants.SECCOMP_RET_DATA;
        }
    }

    /**
     * @param logs {@code SECCOMP_FILTER_FLAG_LOG}
     */
    public SeccompFilter(BpfProgram program, @Nullable SeccompFilter previous, boolean logs) {
        this(program, previous, logs, null);
    }

    /**
     * @param notifications where it has supervisors asked
     */
    public SeccompFilter(
            BpfProgram program,
            @Nullable SeccompFilter previous,
            boolean logs,
            @Nullable Notifications notifications) {
        this.notifications = notifications;
        this.program = program;
        this.previous = previous;
        this.logs = logs;
        this.depth = previous == null ? 1 : previous.depth + 1;
    }

    /** How many filters are in force. */
    public int depth() {
        return depth;
    }

    public BpfProgram program() {
        return program;
    }

    public @Nullable SeccompFilter previous() {
        return previous;
    }

    /** Whether one of these has supervisors asked (has_duplicate_listener). */
    public static boolean hasListener(@Nullable SeccompFilter newest) {
        for (SeccompFilter each = newest; each != null; each = each.previous) {
            if (each.notifications != null) {
                return true;
            }
        }
        return false;
    }

    /** Tasks come under these filters, or leave them. */
    public static void countUsers(@Nullable SeccompFilter newest, int more) {
        for (SeccompFilter each = newest; each != null; each = each.previous) {
            if (each.notifications != null) {
                each.notifications.countUsers(more);
            }
        }
    }

    /** Instructions of all filters, each with what Linux charges for it beside them. */
    public static int instructionCount(@Nullable SeccompFilter newest) {
        int sum = 0;
        for (SeccompFilter each = newest; each != null; each = each.previous) {
            sum += each.program.length() + 4;
        }
        return sum;
    }

    /** Whether {@code later} was built upon {@code earlier} (is_ancestor). */
    public static boolean isAncestor(
            @Nullable SeccompFilter earlier, @Nullable SeccompFilter later) {
        if (earlier == null) {
            return true;
        }
        for (SeccompFilter each = later; each != null; each = each.previous) {
            if (each == earlier) {
                return true;
            }
        }
        return false;
    }

    /** Whether a call is allowed whatever its arguments are; false says nothing. */
    public boolean alwaysAllows(long number) {
        return number >= 0 && number < NUMBERS && allowed().get((int) number);
    }

    private BitSet allowed() {
        BitSet known = allowed;
        if (known == null) {
            known = new BitSet(NUMBERS);
            known.set(0, NUMBERS);
            // Not by recursion: a chain may be longer than a thread's stack.
            for (SeccompFilter each = this; each != null; each = each.previous) {
                BitSet both = each.allowed;
                if (both != null) {
                    known.and(both);
                    break;
                }
                BpfProgram asked = each.program;
                for (int n = known.nextSetBit(0); n >= 0; n = known.nextSetBit(n + 1)) {
                    if (!asked.alwaysAllows(n)) {
                        known.clear(n);
                    }
                }
            }
            allowed = known;
        }
        return known;
    }

    /** The answer of lowest value, the newest filter's among equals (seccomp_run_filters). */
    public Verdict evaluate(CallData call) {
        int result = SeccompConstants.SECCOMP_RET_ALLOW;
        SeccompFilter by = this;
        for (SeccompFilter each = this; each != null; each = each.previous) {
            int answer = each.program.run(call);
            if ((answer & SeccompConstants.SECCOMP_RET_ACTION_FULL)
                    < (result & SeccompConstants.SECCOMP_RET_ACTION_FULL)) {
                result = answer;
                by = each;
            }
        }
        return new Verdict(result, by.logs, by.notifications);
    }
}
