package dev.runsc.kernel.task;

import dev.runsc.kernel.ipc.ProcessId;

/**
 * The numbers of one task in its namespace and all above (Linux {@code struct pid}).
 *
 * @param namespace the deepest namespace it has a number in
 * @param ids by namespace level, 0 the topmost
 */
public record PidNumbers(PidNamespace namespace, int[] ids) implements ProcessId {
    /** The number as seen from a namespace, 0 when it cannot be seen from there. */
    public int in(PidNamespace view) {
        return view.isAncestorOf(namespace) ? ids[view.level()] : 0;
    }

    @Override
    public int seenBy(ProcessId viewer) {
        return viewer instanceof PidNumbers numbers ? in(numbers.namespace) : 0;
    }

    /** The number in its own namespace. */
    public int own() {
        return ids[ids.length - 1];
    }
}
