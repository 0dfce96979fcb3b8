package dev.runsc.kernel.cgroup;

import dev.runsc.state.Savable;
import java.util.ArrayList;

/**
 * The groups a task is in, one of each hierarchy (Linux {@code struct css_set}). Immutable.
 *
 * @param unified of version 2
 * @param legacy of version 1; a hierarchy without a group here has the task in its root
 */
public record Membership(ControlGroup unified, ArrayList<ControlGroup> legacy) implements Savable {
    public ControlGroup in(Hierarchy hierarchy) {
        if (hierarchy.isUnified()) {
            return unified;
        }
        for (ControlGroup group : legacy) {
            if (group.hierarchy() == hierarchy) {
                return group;
            }
        }
        return hierarchy.root();
    }

    /** The same with another group of one hierarchy. */
    public Membership with(ControlGroup group) {
        if (group.hierarchy().isUnified()) {
            return new Membership(group, legacy);
        }
        ArrayList<ControlGroup> changed = new ArrayList<>(legacy);
        changed.removeIf(other -> other.hierarchy() == group.hierarchy());
        if (group.parent() != null) {
            changed.add(group);
        }
        return new Membership(unified, changed);
    }

    /** Counts processor time of the task. */
    public void charge(long nanos, boolean user) {
        unified.chargeTime(nanos, user);
        for (ControlGroup group : legacy) {
            group.chargeTime(nanos, user);
        }
    }
}
