package dev.runsc.kernel.cgroup;

import dev.runsc.state.Savable;
import java.util.EnumSet;
import java.util.Set;

/**
 * A tree of groups (Linux {@code struct cgroup_root}). Guarded by the lock of its {@link Cgroups}.
 */
public final class Hierarchy implements Savable {
    private final Cgroups cgroups;
    private final int id;
    private final String name;
    private final EnumSet<Controller> controllers;
    private final ControlGroup root;

    /**
     * A tree with a root.
     *
     * @param id 0 for the unified one
     * @param name of version 1, may be empty
     */
    Hierarchy(Cgroups cgroups, int id, String name, Set<Controller> controllers) {
        this.cgroups = cgroups;
        this.id = id;
        this.name = name;
        this.controllers = EnumSet.noneOf(Controller.class);
        this.controllers.addAll(controllers);
        this.root = new ControlGroup(this, null, "", 1);
    }

    public Cgroups cgroups() {
        return cgroups;
    }

    /** As in {@code /proc/cgroups}; 0 for the unified one. */
    public int id() {
        return id;
    }

    public String name() {
        return name;
    }

    public boolean isUnified() {
        return id == 0;
    }

    public ControlGroup root() {
        return root;
    }

    /** The controllers that belong here now. */
    public Set<Controller> controllers() {
        cgroups.lock().lock();
        try {
            return EnumSet.copyOf(controllers);
        } finally {
            cgroups.lock().unlock();
        }
    }

    /** The set itself, for who holds the lock. */
    EnumSet<Controller> controllersLocked() {
        return controllers;
    }
}
