package dev.runsc.kernel.cgroup;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class CgroupTypes {
    private CgroupTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("cgroup.CgroupNamespace", 1, CgroupNamespace.class);
        types.type("cgroup.Cgroups", 1, Cgroups.class);
        types.type("cgroup.Controller", 1, Controller.class);
        types.type("cgroup.ControlGroup", 1, ControlGroup.class);
        types.type("cgroup.Hierarchy", 1, Hierarchy.class);
        types.type("cgroup.Membership", 1, Membership.class);
        types.type("cgroup.Notice", 1, Notice.class);
        types.type("cgroup.Quantity", 1, Quantity.class);
    }
}
