package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.SignalNumbers.SIGKILL;
import static dev.runsc.gofer.abi.SignalNumbers.SI_KERNEL;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.kernel.cgroup.Cgroups;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.sync.KernelLock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tasks of control groups: which there are, moving them, and what is done to all of them. */
public final class GroupTasks {
    private GroupTasks() {}

    /** The live tasks in a group, or in it and below. */
    public static List<Task> in(TaskSet taskSet, ControlGroup group, boolean below) {
        List<Task> found = new ArrayList<>();
        for (Task task : taskSet.tasks()) {
            ControlGroup its = task.membership().in(group.hierarchy());
            if (its == group || below && group.isAncestorOf(its)) {
                found.add(task);
            }
        }
        return found;
    }

    /** The processes of which a thread is in a group. */
    public static Set<ThreadGroup> processes(TaskSet taskSet, ControlGroup group) {
        Set<ThreadGroup> found = new LinkedHashSet<>();
        in(taskSet, group, false).forEach(task -> found.add(task.group()));
        return found;
    }

    /**
     * Moves a task, or all of its process, to another group.
     *
     * @throws ErrnoException what {@link Cgroups#requireHost} says; EOPNOTSUPP for a thread that
     *     would leave its process's domain
     */
    public static void move(Task task, ControlGroup target, boolean wholeProcess)
            throws ErrnoException {
        TaskSet taskSet = task.taskSet();
        Cgroups cgroups = taskSet.cgroups();
        KernelLock lock = taskSet.lock();
        lock.lock();
        try {
            cgroups.requireHost(target);
            ControlGroup source = task.membership().in(target.hierarchy());
            if (!wholeProcess
                    && target.hierarchy().isUnified()
                    && !cgroups.sameDomain(source, target)) {
                throw Errno.EOPNOTSUPP.error();
            }
            Collection<Task> moving = wholeProcess ? task.group().threadsLocked() : List.of(task);
            for (Task each : moving) {
                if (!each.isGone() && each.membership().in(target.hierarchy()) != target) {
                    each.groupPlace()
                            .setMembership(
                                    cgroups.moved(
                                            each.membership(),
                                            target,
                                            each.groupPlace().isFrozen()));
                    each.interrupt();
                }
            }
        } finally {
            lock.unlock();
        }
        taskSet.unpark();
    }

    /** cgroup.freeze. */
    public static void freeze(TaskSet taskSet, ControlGroup group, boolean on) {
        taskSet.cgroups().freeze(group, on);
        for (Task task : in(taskSet, group, true)) {
            if (task.groupPlace().isToFreeze()) {
                task.interrupt();
            }
        }
        taskSet.unpark();
    }

    /**
     * cgroup.kill: nobody is born out of a task that is killed.
     *
     * @param writer whose own PID namespace's init is safe from it; null for nobody's
     */
    public static void kill(TaskSet taskSet, ControlGroup group, @Nullable Task writer) {
        KernelLock lock = taskSet.lock();
        lock.lock();
        try {
            Set<ThreadGroup> victims = new LinkedHashSet<>();
            in(taskSet, group, true).forEach(task -> victims.add(task.group()));
            for (ThreadGroup victim : victims) {
                SigInfo info = SigInfo.kill(SIGKILL, SI_KERNEL, 0, 0);
                if (writer != null && writer.namespace() == victim.leader().namespace()) {
                    Signals.sendToGroup(victim, info);
                } else {
                    Signals.sendFromOutside(victim, info);
                }
            }
        } finally {
            lock.unlock();
        }
    }
}
