package dev.runsc.kernel.cgroup;

import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A control group (Linux {@code struct cgroup}): its place, what was set for it, and how many tasks
 * are in it and below. What is not final or volatile is guarded by the lock of its {@link Cgroups};
 * package-private methods are called with it held.
 */
public final class ControlGroup implements Savable {
    private final Hierarchy hierarchy;
    private final @Nullable ControlGroup parent;
    private final String name;
    private final long number;
    private final LinkedHashMap<String, ControlGroup> children = new LinkedHashMap<>();

    /** The controllers that its children have (version 2). */
    private final EnumSet<Controller> subtreeControl = EnumSet.noneOf(Controller.class);

    private final EnumMap<Quantity, Long> quantities = new EnumMap<>(Quantity.class);

    /** What was set as text, by the name of the file. */
    private final LinkedHashMap<String, String> texts = new LinkedHashMap<>();

    private final AtomicLong userNanos = new AtomicLong();
    private final AtomicLong systemNanos = new AtomicLong();
    private final Notice events = new Notice();
    private final Notice pidsEvents = new Notice();
    private final Notice pidsEventsLocal = new Notice();

    /** Whether its tasks compete in the domain of its parent (cgroup.type). */
    private boolean threaded;

    /** Live tasks in it, and with those of all groups below. */
    private int ownTasks;

    private int tasks;

    /** Of {@link #tasks}, those that are parked because of a freeze. */
    private int frozenTasks;

    /** Tasks as the pids controller counts them: until nobody can wait for them any more. */
    private long pids;

    private long pidsPeak;
    private long pidsRefused;
    private long pidsRefusedHere;

    /** cgroup.freeze, and whether it or a group above is to be frozen. */
    private boolean freeze;

    private volatile boolean frozen;

    /** What cgroup.events said last. */
    private boolean shownPopulated;

    private boolean shownFrozen;
    private volatile boolean dead;

    ControlGroup(Hierarchy hierarchy, @Nullable ControlGroup parent, String name, long number) {
        this.hierarchy = hierarchy;
        this.parent = parent;
        this.name = name;
        this.number = number;
        this.frozen = parent != null && parent.frozen;
        this.shownFrozen = frozen;
    }

    public Hierarchy hierarchy() {
        return hierarchy;
    }

    /** Null for a root. */
    public @Nullable ControlGroup parent() {
        return parent;
    }

    public boolean isRoot() {
        return parent == null;
    }

    /** Empty for a root. */
    public String name() {
        return name;
    }

    /** Its number in the hierarchy, which is also its directory's inode. */
    public long number() {
        return number;
    }

    public boolean isDead() {
        return dead;
    }

    /** Whether its tasks are to stand still. */
    public boolean isFrozen() {
        return frozen;
    }

    private KernelLock lock() {
        return hierarchy.cgroups().lock();
    }

    /** Whether this is the other group or lies above it. */
    public boolean isAncestorOf(ControlGroup other) {
        for (ControlGroup at = other; at != null; at = at.parent) {
            if (at == this) {
                return true;
            }
        }
        return false;
    }

    /** From the root down to this one. */
    List<ControlGroup> line() {
        ArrayList<ControlGroup> line = new ArrayList<>();
        for (ControlGroup at = this; at != null; at = at.parent) {
            line.addFirst(at);
        }
        return line;
    }

    /** The children there are now. */
    public List<ControlGroup> children() {
        lock().lock();
        try {
            return new ArrayList<>(children.values());
        } finally {
            lock().unlock();
        }
    }

    public @Nullable ControlGroup child(String childName) {
        lock().lock();
        try {
            return children.get(childName);
        } finally {
            lock().unlock();
        }
    }

    LinkedHashMap<String, ControlGroup> childrenLocked() {
        return children;
    }

    int depth() {
        return parent == null ? 0 : parent.depth() + 1;
    }

    int descendants() {
        int count = 0;
        for (ControlGroup child : children.values()) {
            count += 1 + child.descendants();
        }
        return count;
    }

    void die() {
        dead = true;
    }

    // ---- controllers

    /** Controllers whose files it has. */
    public Set<Controller> controllers() {
        lock().lock();
        try {
            return available();
        } finally {
            lock().unlock();
        }
    }

    /** cgroup_control. */
    EnumSet<Controller> available() {
        EnumSet<Controller> all = EnumSet.noneOf(Controller.class);
        all.addAll(
                parent == null || !hierarchy.isUnified()
                        ? hierarchy.controllersLocked()
                        : parent.subtreeControl);
        if (threaded) {
            all.retainAll(Controller.THREADED);
        }
        return all;
    }

    /** cgroup.subtree_control. */
    public Set<Controller> subtreeControl() {
        lock().lock();
        try {
            return EnumSet.copyOf(subtreeControl);
        } finally {
            lock().unlock();
        }
    }

    EnumSet<Controller> subtreeControlLocked() {
        return subtreeControl;
    }

    /** The controllers that it or a group below has passed on or has settings of. */
    EnumSet<Controller> used() {
        EnumSet<Controller> used = EnumSet.copyOf(subtreeControl);
        for (Controller controller : available()) {
            String prefix = controller.controllerName() + ".";
            if (quantities.keySet().stream().anyMatch(each -> each.controller() == controller)
                    || texts.keySet().stream().anyMatch(key -> key.startsWith(prefix))) {
                used.add(controller);
            }
        }
        children.values().forEach(child -> used.addAll(child.used()));
        return used;
    }

    // ---- domains and threads

    boolean isThreaded() {
        return threaded;
    }

    void makeThreaded() {
        threaded = true;
    }

    /** The nearest group up, or itself, that is none of threads. */
    ControlGroup domain() {
        return threaded && parent != null ? parent.domain() : this;
    }

    int threadedChildren() {
        return (int) children.values().stream().filter(child -> child.threaded).count();
    }

    boolean hasPopulatedDomainChildren() {
        return children.values().stream().anyMatch(child -> !child.threaded && child.tasks > 0);
    }

    // ---- settings

    public long get(Quantity quantity) {
        lock().lock();
        try {
            return quantities.getOrDefault(quantity, quantity.standard());
        } finally {
            lock().unlock();
        }
    }

    public void set(Quantity quantity, long value) {
        lock().lock();
        try {
            quantities.put(quantity, value);
        } finally {
            lock().unlock();
        }
    }

    /** What was set as text; empty when nothing was. */
    public String text(String key) {
        lock().lock();
        try {
            return texts.getOrDefault(key, "");
        } finally {
            lock().unlock();
        }
    }

    public void setText(String key, String value) {
        lock().lock();
        try {
            texts.put(key, value);
        } finally {
            lock().unlock();
        }
    }

    /** Forgets what was set for controllers that it no longer has. */
    void forget(Set<Controller> gone) {
        quantities.keySet().removeIf(quantity -> gone.contains(quantity.controller()));
        texts.keySet()
                .removeIf(key ->
                        gone.stream()
                                .anyMatch(each -> key.startsWith(each.controllerName() + ".")));
        if (gone.contains(Controller.PIDS)) {
            pidsPeak = pids;
            pidsRefused = 0;
            pidsRefusedHere = 0;
        }
    }

    // ---- what it counts

    void chargeTime(long nanos, boolean user) {
        for (ControlGroup at = this; at != null; at = at.parent) {
            (user ? at.userNanos : at.systemNanos).addAndGet(nanos);
        }
    }

    /** Processor time of guest code in it and below. */
    public long userNanos() {
        return userNanos.get();
    }

    /** Processor time in the kernel. */
    public long systemNanos() {
        return systemNanos.get();
    }

    /** Tasks below it and in it. */
    public int tasks() {
        lock().lock();
        try {
            return tasks;
        } finally {
            lock().unlock();
        }
    }

    int tasksLocked() {
        return tasks;
    }

    boolean hasOwnTasks() {
        return ownTasks > 0;
    }

    void countTasks(int change) {
        ownTasks += change;
        for (ControlGroup at = this; at != null; at = at.parent) {
            at.tasks += change;
        }
    }

    void countFrozen(int change) {
        for (ControlGroup at = this; at != null; at = at.parent) {
            at.frozenTasks += change;
        }
    }

    /** The pids controller's count. */
    public long pids() {
        lock().lock();
        try {
            return pids;
        } finally {
            lock().unlock();
        }
    }

    public long pidsPeak() {
        lock().lock();
        try {
            return pidsPeak;
        } finally {
            lock().unlock();
        }
    }

    /** Births that a limit has stopped: of it or of groups below, or of births in it alone. */
    public long pidsRefused(boolean here) {
        lock().lock();
        try {
            return here ? pidsRefusedHere : pidsRefused;
        } finally {
            lock().unlock();
        }
    }

    void countPids(int change) {
        for (ControlGroup at = this; at != null; at = at.parent) {
            at.pids += change;
            at.pidsPeak = Math.max(at.pidsPeak, at.pids);
        }
    }

    /** The group at or above it whose limit one task more would break, or null. */
    @Nullable ControlGroup pidsLimiter() {
        for (ControlGroup at = this; at.parent != null; at = at.parent) {
            Long most = at.quantities.get(Quantity.PIDS_MAX);
            if (most != null && at.pids + 1 > most) {
                return at;
            }
        }
        return null;
    }

    /** A birth in this group was refused by the limit of that one (pids_event). */
    void notePidsRefused(ControlGroup limiter) {
        if (!hierarchy.isUnified()) {
            pidsRefusedHere++;
            pidsEvents.give();
            return;
        }
        limiter.pidsRefusedHere++;
        limiter.pidsEventsLocal.give();
        for (ControlGroup at = limiter; at.parent != null; at = at.parent) {
            at.pidsRefused++;
            at.pidsEvents.give();
        }
    }

    // ---- events and freezing

    /** Of cgroup.events. */
    public Notice events() {
        return events;
    }

    /** Of pids.events. */
    public Notice pidsEvents(boolean local) {
        return local ? pidsEventsLocal : pidsEvents;
    }

    /** {@code populated} and {@code frozen} of cgroup.events. */
    public boolean[] state() {
        lock().lock();
        try {
            return new boolean[] {tasks > 0, isStill()};
        } finally {
            lock().unlock();
        }
    }

    private boolean isStill() {
        return frozen && frozenTasks == tasks;
    }

    public boolean freeze() {
        lock().lock();
        try {
            return freeze;
        } finally {
            lock().unlock();
        }
    }

    void setFreeze(boolean on) {
        freeze = on;
        refreeze();
    }

    private void refreeze() {
        frozen = freeze || parent != null && parent.frozen;
        for (ControlGroup child : children.values()) {
            child.refreeze();
        }
    }

    /** Tells of what has changed in this group's state. */
    void tell() {
        boolean populated = tasks > 0;
        boolean still = isStill();
        if (populated != shownPopulated || still != shownFrozen) {
            shownPopulated = populated;
            shownFrozen = still;
            events.give();
        }
    }

    void tellUp() {
        for (ControlGroup at = this; at != null; at = at.parent) {
            at.tell();
        }
    }

    void tellDown() {
        tell();
        children.values().forEach(ControlGroup::tellDown);
    }
}
