package dev.runsc.kernel.task;

import dev.runsc.kernel.cgroup.Membership;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.state.Savable;

/** Where a task is among the control groups, and whether a freeze of its group has reached it. */
final class GroupPlace implements Savable {
    private final Task task;
    private volatile Membership membership;

    /** Whether it counts among the frozen tasks of its group. Changed by its own thread. */
    private volatile boolean frozen;

    GroupPlace(Task task, Membership membership) {
        this.task = task;
        this.membership = membership;
    }

    Membership membership() {
        return membership;
    }

    /** Task set's lock held. */
    void setMembership(Membership changed) {
        membership = changed;
    }

    boolean isFrozen() {
        return frozen;
    }

    /** Whether a group's freeze holds it. */
    boolean isToFreeze() {
        return membership.unified().isFrozen() && !task.isKilled() && !task.isGone();
    }

    /** Whether it goes on being parked: held, and counted as frozen if that is why. */
    boolean staysParked() {
        return task.isHeld() && frozen == isToFreeze();
    }

    /** Counts itself among the frozen tasks of its group if it is to be one. */
    void noteFrozen() {
        if (frozen != isToFreeze()) {
            note(true);
        }
    }

    /** It goes on. */
    void noteThawed() {
        if (frozen) {
            note(false);
        }
    }

    private void note(boolean parked) {
        TaskSet taskSet = task.taskSet();
        KernelLock lock = taskSet.lock();
        lock.lock();
        try {
            boolean now = parked && isToFreeze();
            if (now != frozen) {
                frozen = now;
                taskSet.cgroups().frozen(membership, now);
            }
        } finally {
            lock.unlock();
        }
    }
}
