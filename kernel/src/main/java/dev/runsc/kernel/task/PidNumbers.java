package dev.runsc.kernel.task;

import dev.runsc.state.Savable;

/**
 * The numbers of one task in its namespace and all above (Linux {@code struct pid}).
 *
 * @param namespace the deepest namespace it has a number in
 * @param ids by namespace level, 0 the topmost
 */
public record PidNumbers(PidNamespace namespace, int[] ids) implements Savable {
    /** The number as seen from a namespace, 0 when it cannot be seen from there. */
    public int in(PidNamespace view) {
        return view.isAncestorOf(namespace) ? ids[view.level()] : 0;
    }

    /** The number in its own namespace. */
    public int own() {
        return ids[ids.length - 1];
    }
}
