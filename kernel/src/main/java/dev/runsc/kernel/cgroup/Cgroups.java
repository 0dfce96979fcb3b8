package dev.runsc.kernel.cgroup;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All hierarchies of a sandbox, and every change of their groups (Linux kernel/cgroup/cgroup.c).
 */
public final class Cgroups implements Savable {
    private static final int NAME_MAX = 255;

    private final KernelLock lock = new KernelLock(LockClass.CGROUP);
    private final Hierarchy unified;

    /** Of version 1, oldest first. */
    private final ArrayList<Hierarchy> legacy = new ArrayList<>();

    private int nextHierarchy = 1;

    /** 1 is each root's. */
    private long nextGroup = 2;

    public Cgroups() {
        unified = new Hierarchy(this, 0, "", Controller.UNIFIED);
    }

    public KernelLock lock() {
        return lock;
    }

    /** The one of version 2. */
    public Hierarchy unified() {
        return unified;
    }

    /** All in the order of {@code /proc/PID/cgroup}: newest first, the unified one last. */
    public List<Hierarchy> hierarchies() {
        lock.lock();
        try {
            ArrayList<Hierarchy> all = new ArrayList<>(legacy);
            java.util.Collections.reverse(all);
            all.add(unified);
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** Where tasks are that nobody has put anywhere. */
    public Membership first() {
        return new Membership(unified.root(), new ArrayList<>());
    }

    /** The hierarchy a controller belongs to; null for one of version 1 that is not mounted. */
    public @Nullable Hierarchy of(Controller controller) {
        lock.lock();
        try {
            for (Hierarchy hierarchy : legacy) {
                if (hierarchy.controllersLocked().contains(controller)) {
                    return hierarchy;
                }
            }
            return controller.isUnified() ? unified : null;
        } finally {
            lock.unlock();
        }
    }

    // ---- hierarchies of version 1

    /** Whether a hierarchy may be given up: nobody has mounted it. */
    public interface Unused {
        boolean test(Hierarchy hierarchy);
    }

    /**
     * The hierarchy of version 1 with these controllers or this name, made when there is none
     * (cgroup1_root_to_use).
     *
     * @throws ErrnoException EBUSY when a controller is in use elsewhere, or a name is known with
     *     other controllers
     */
    public Hierarchy legacy(String name, Set<Controller> controllers, Unused unused)
            throws ErrnoException {
        lock.lock();
        try {
            for (Hierarchy hierarchy : legacy) {
                Set<Controller> there = hierarchy.controllersLocked();
                boolean named = !name.isEmpty() && hierarchy.name().equals(name);
                if (!name.isEmpty() && !named) {
                    continue;
                }
                if (there.equals(controllers) && !(controllers.isEmpty() && !named)) {
                    return hierarchy;
                }
                if (named) {
                    if (controllers.isEmpty()) {
                        return hierarchy;
                    }
                    throw Errno.EBUSY.error();
                }
            }
            if (name.isEmpty() && controllers.isEmpty()) {
                throw Errno.EINVAL.error();
            }
            giveBack(unused);
            requireFree(controllers);
            Hierarchy made = new Hierarchy(this, nextHierarchy++, name, controllers);
            legacy.add(made);
            share();
            return made;
        } finally {
            lock.unlock();
        }
    }

    /**
     * EBUSY for what other hierarchies have. From the unified one a controller goes as long as no
     * group uses it: there it may be enabled without anybody having asked.
     */
    private void requireFree(Set<Controller> controllers) throws ErrnoException {
        EnumSet<Controller> used = EnumSet.noneOf(Controller.class);
        for (ControlGroup child : unified.root().childrenLocked().values()) {
            used.addAll(child.used());
        }
        for (Hierarchy other : legacy) {
            used.addAll(other.controllersLocked());
        }
        used.retainAll(controllers);
        if (!used.isEmpty()) {
            throw Errno.EBUSY.error();
        }
    }

    /** Ends hierarchies of version 1 that nobody has mounted and that have no groups. */
    private void giveBack(Unused unused) {
        legacy.removeIf(old -> old.root().childrenLocked().isEmpty() && unused.test(old));
        share();
    }

    /** The unified hierarchy has what no other one has. */
    private void share() {
        EnumSet<Controller> free = EnumSet.noneOf(Controller.class);
        free.addAll(Controller.UNIFIED);
        legacy.forEach(hierarchy -> free.removeAll(hierarchy.controllersLocked()));
        unified.controllersLocked().clear();
        unified.controllersLocked().addAll(free);
        unified.root().subtreeControlLocked().retainAll(free);
    }

    /** Lets the groups below the unified root have every controller that is there. */
    public void delegate(Unused unused) {
        lock.lock();
        try {
            giveBack(unused);
            unified.root().subtreeControlLocked().addAll(unified.controllersLocked());
        } finally {
            lock.unlock();
        }
    }

    // ---- groups

    /** mkdir: EAGAIN when there are too many, EINVAL for a name that cannot be shown. */
    public ControlGroup make(ControlGroup parent, String name) throws ErrnoException {
        if (name.indexOf('\n') >= 0) {
            throw Errno.EINVAL.error();
        }
        if (name.length() > NAME_MAX) {
            throw Errno.ENAMETOOLONG.error();
        }
        lock.lock();
        try {
            if (parent.isDead()) {
                throw Errno.ENODEV.error();
            }
            if (parent.childrenLocked().containsKey(name)) {
                throw Errno.EEXIST.error();
            }
            int level = 1;
            for (ControlGroup at = parent; at != null; at = at.parent(), level++) {
                if (at.descendants() >= at.get(Quantity.MAX_DESCENDANTS)
                        || level > at.get(Quantity.MAX_DEPTH)) {
                    throw Errno.EAGAIN.error();
                }
            }
            ControlGroup made = new ControlGroup(parent.hierarchy(), parent, name, nextGroup++);
            parent.childrenLocked().put(name, made);
            if (parent.get(Quantity.CLONE_CHILDREN) != 0) {
                made.set(Quantity.CLONE_CHILDREN, 1);
                for (String key : new String[] {"cpuset.cpus", "cpuset.mems"}) {
                    made.setText(key, parent.text(key));
                }
            }
            return made;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The groups of a new container: one of its own in every hierarchy there is.
     *
     * @param processors that it may use
     */
    public Membership container(String name, int processors) throws ErrnoException {
        String plain = name.replace('/', '_').replace('\n', '_');
        Membership groups = first();
        for (Hierarchy hierarchy : hierarchies()) {
            ControlGroup root = hierarchy.root();
            String free = plain;
            for (int i = 1; free.isEmpty() || root.child(free) != null; i++) {
                free = plain + "-" + i;
            }
            ControlGroup made = make(root, free);
            if (!hierarchy.isUnified()) {
                // Nobody may enter an empty set of version 1.
                made.setText("cpuset.cpus", processors == 1 ? "0" : "0-" + (processors - 1));
                made.setText("cpuset.mems", "0");
            }
            groups = groups.with(made);
        }
        return groups;
    }

    /** rmdir: EBUSY while there are tasks or groups in it. */
    public void remove(ControlGroup group) throws ErrnoException {
        lock.lock();
        try {
            if (group.isDead()) {
                throw Errno.ENODEV.error();
            }
            ControlGroup parent = group.parent();
            if (parent == null || group.tasksLocked() > 0 || !group.childrenLocked().isEmpty()) {
                throw Errno.EBUSY.error();
            }
            parent.childrenLocked().remove(group.name());
            group.die();
        } finally {
            lock.unlock();
        }
    }

    /** Removes a group with all below it in which no task is left. */
    public void removeAll(ControlGroup group) {
        for (ControlGroup child : group.children()) {
            removeAll(child);
        }
        try {
            remove(group);
        } catch (ErrnoException busy) {
            // A process from elsewhere was put there: it keeps the group.
        }
    }

    /** The groups of a container that has ended. */
    public void removeContainer(Membership groups) {
        removeAll(groups.unified());
        groups.legacy().forEach(this::removeAll);
    }

    /** Counts of {@code /proc/cgroups}: groups of a hierarchy. */
    public int count(Hierarchy hierarchy) {
        lock.lock();
        try {
            return 1 + hierarchy.root().descendants();
        } finally {
            lock.unlock();
        }
    }

    /** nr_descendants. */
    public int descendants(ControlGroup group) {
        lock.lock();
        try {
            return group.descendants();
        } finally {
            lock.unlock();
        }
    }

    // ---- tasks; the caller holds the task set's lock

    /**
     * A task is born in the groups of its parent, or in another.
     *
     * @throws ErrnoException EAGAIN when a limit on tasks is reached
     */
    public Membership born(Membership parent, @Nullable ControlGroup into) throws ErrnoException {
        Membership own = into == null ? parent : parent.with(into);
        lock.lock();
        try {
            if (own.unified().isDead()) {
                throw Errno.ENODEV.error();
            }
            ControlGroup counting = pidsGroup(own);
            ControlGroup limiter = counting == null ? null : counting.pidsLimiter();
            if (counting != null && limiter != null) {
                counting.notePidsRefused(limiter);
                throw Errno.EAGAIN.error();
            }
            enter(own);
            return own;
        } finally {
            lock.unlock();
        }
    }

    /** A task that comes from outside: no limit stops it. */
    public void enter(Membership membership) {
        lock.lock();
        try {
            count(membership, 1);
            countPids(membership, 1);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable ControlGroup pidsGroup(Membership membership) {
        Hierarchy hierarchy = of(Controller.PIDS);
        return hierarchy == null ? null : membership.in(hierarchy);
    }

    private static void count(Membership membership, int change) {
        membership.unified().countTasks(change);
        membership.unified().tellUp();
        for (ControlGroup group : membership.legacy()) {
            group.countTasks(change);
        }
    }

    private static void countPids(Membership membership, int change) {
        membership.unified().countPids(change);
        membership.legacy().forEach(group -> group.countPids(change));
    }

    /** A task has ended; somebody may still wait for it. */
    public void left(Membership membership) {
        lock.lock();
        try {
            count(membership, -1);
        } finally {
            lock.unlock();
        }
    }

    /** Nobody can wait for an ended task any more. */
    public void released(Membership membership) {
        lock.lock();
        try {
            countPids(membership, -1);
        } finally {
            lock.unlock();
        }
    }

    /** A task has parked because of a freeze, or no longer has. */
    public void frozen(Membership membership, boolean on) {
        lock.lock();
        try {
            membership.unified().countFrozen(on ? 1 : -1);
            membership.unified().tellUp();
        } finally {
            lock.unlock();
        }
    }

    /**
     * A task moves to another group of a hierarchy.
     *
     * @param parked whether it counts as frozen
     */
    public Membership moved(Membership from, ControlGroup target, boolean parked) {
        Membership to = from.with(target);
        lock.lock();
        try {
            ControlGroup old = from.in(target.hierarchy());
            old.countTasks(-1);
            old.countPids(-1);
            target.countTasks(1);
            target.countPids(1);
            if (parked && target.hierarchy().isUnified()) {
                old.countFrozen(-1);
                target.countFrozen(1);
            }
            old.tellUp();
            target.tellUp();
            return to;
        } finally {
            lock.unlock();
        }
    }

    // ---- what version 2 allows

    /** cgroup_migrate_vet_dst: whether tasks may be put into a group. */
    public void requireHost(ControlGroup target) throws ErrnoException {
        lock.lock();
        try {
            if (target.isDead()) {
                throw Errno.ENODEV.error();
            }
            if (!target.hierarchy().isUnified()) {
                return;
            }
            if (!isValidDomain(target.domain())) {
                throw Errno.EOPNOTSUPP.error();
            }
            if (!canBeThreadRoot(target)
                    && !target.isThreaded()
                    && !target.subtreeControlLocked().isEmpty()) {
                throw Errno.EBUSY.error();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether threads of one process may be in both groups. */
    public boolean sameDomain(ControlGroup one, ControlGroup other) {
        lock.lock();
        try {
            return one.domain() == other.domain();
        } finally {
            lock.unlock();
        }
    }

    public boolean isThreaded(ControlGroup group) {
        lock.lock();
        try {
            return group.isThreaded();
        } finally {
            lock.unlock();
        }
    }

    /** cgroup.type. */
    public String type(ControlGroup group) {
        lock.lock();
        try {
            if (group.isThreaded()) {
                return "threaded";
            }
            if (!isValidDomain(group)) {
                return "domain invalid";
            }
            return isThreadRoot(group) ? "domain threaded" : "domain";
        } finally {
            lock.unlock();
        }
    }

    /** cgroup_enable_threaded. */
    public void makeThreaded(ControlGroup group) throws ErrnoException {
        lock.lock();
        try {
            ControlGroup parent = group.parent();
            if (parent == null || group.isThreaded()) {
                return;
            }
            boolean domains = !Controller.THREADED.containsAll(group.subtreeControlLocked());
            if (group.tasksLocked() > 0
                    || domains
                    || !isValidDomain(parent.domain())
                    || !canBeThreadRoot(parent.domain())) {
                throw Errno.EOPNOTSUPP.error();
            }
            EnumSet<Controller> before = group.available();
            group.makeThreaded();
            before.removeAll(group.available());
            group.forget(before);
        } finally {
            lock.unlock();
        }
    }

    private static boolean canBeThreadRoot(ControlGroup group) {
        return group.isRoot()
                || !group.hasPopulatedDomainChildren()
                        && Controller.THREADED.containsAll(group.subtreeControlLocked());
    }

    private static boolean isThreadRoot(ControlGroup group) {
        boolean threads = group.subtreeControlLocked().stream().anyMatch(Controller::isThreaded);
        return !group.isThreaded()
                && (group.threadedChildren() > 0 || group.hasOwnTasks() && threads);
    }

    private static boolean isValidDomain(ControlGroup group) {
        if (group.isThreaded()) {
            return false;
        }
        for (ControlGroup at = group.parent(); at != null; at = at.parent()) {
            if (!at.isRoot() && isThreadRoot(at) || at.isThreaded()) {
                return false;
            }
        }
        return true;
    }

    /** cgroup.subtree_control: some controllers for the children more, some fewer. */
    public void control(ControlGroup group, Set<Controller> enable, Set<Controller> disable)
            throws ErrnoException {
        lock.lock();
        try {
            if (group.isDead()) {
                throw Errno.ENODEV.error();
            }
            EnumSet<Controller> now = group.subtreeControlLocked();
            EnumSet<Controller> more = EnumSet.noneOf(Controller.class);
            more.addAll(enable);
            more.removeAll(now);
            if (!group.available().containsAll(more)) {
                throw Errno.ENOENT.error();
            }
            EnumSet<Controller> fewer = EnumSet.noneOf(Controller.class);
            fewer.addAll(disable);
            fewer.retainAll(now);
            for (ControlGroup child : group.childrenLocked().values()) {
                if (!java.util.Collections.disjoint(child.subtreeControlLocked(), fewer)) {
                    throw Errno.EBUSY.error();
                }
            }
            requireEnable(group, more);
            now.addAll(more);
            now.removeAll(fewer);
            for (ControlGroup child : group.childrenLocked().values()) {
                child.forget(fewer);
            }
        } finally {
            lock.unlock();
        }
    }

    /** cgroup_vet_subtree_control_enable. */
    private static void requireEnable(ControlGroup group, Set<Controller> enable)
            throws ErrnoException {
        if (enable.isEmpty()) {
            return;
        }
        if (!isValidDomain(group.domain())) {
            throw Errno.EOPNOTSUPP.error();
        }
        if (group.isRoot()) {
            return;
        }
        if (!Controller.THREADED.containsAll(enable)) {
            if (isThreadRoot(group) || group.isThreaded()) {
                throw Errno.EOPNOTSUPP.error();
            }
        } else if (canBeThreadRoot(group) || group.isThreaded()) {
            return;
        }
        if (group.hasOwnTasks()) {
            throw Errno.EBUSY.error();
        }
    }

    /** cgroup.freeze; the tasks are the caller's to tell. */
    public void freeze(ControlGroup group, boolean on) {
        lock.lock();
        try {
            group.setFreeze(on);
            group.tellDown();
        } finally {
            lock.unlock();
        }
    }
}
