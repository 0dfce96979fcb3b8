package dev.runsc.kernel.cgroup;

import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;

/** What its users take for the roots of all hierarchies (cgroup_namespaces(7)). Immutable. */
public final class CgroupNamespace implements Savable {
    private final UserNamespace owner;
    private final long number;
    private final Membership roots;

    public CgroupNamespace(UserNamespace owner, Membership roots) {
        this.owner = owner;
        this.number = owner.newNumber();
        this.roots = roots;
    }

    public UserNamespace owner() {
        return owner;
    }

    /** The number in {@code cgroup:[...]}. */
    public long number() {
        return number;
    }

    public Membership roots() {
        return roots;
    }

    /** What is the root of a hierarchy from here. */
    public ControlGroup root(Hierarchy hierarchy) {
        return roots.in(hierarchy);
    }

    /**
     * The path of a group as seen from here (cgroup_path_ns): with {@code /..} for what is outside.
     */
    public String path(ControlGroup group) {
        List<ControlGroup> from = root(group.hierarchy()).line();
        List<ControlGroup> to = group.line();
        int common = 0;
        while (common < from.size() && common < to.size() && from.get(common) == to.get(common)) {
            common++;
        }
        StringBuilder path = new StringBuilder("/..".repeat(from.size() - common));
        for (ControlGroup below : new ArrayList<>(to.subList(common, to.size()))) {
            path.append('/').append(below.name());
        }
        return path.isEmpty() ? "/" : path.toString();
    }
}
