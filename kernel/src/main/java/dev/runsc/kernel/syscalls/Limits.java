package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.RLimits.RLIMIT_NOFILE;
import static dev.runsc.gofer.abi.RLimits.RLIM_NLIMITS;
import static dev.runsc.gofer.abi.RLimits.RUSAGE_CHILDREN;
import static dev.runsc.gofer.abi.RLimits.RUSAGE_SELF;
import static dev.runsc.gofer.abi.RLimits.RUSAGE_THREAD;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.gofer.abi.Rlimit;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.task.ProcessGroup;
import dev.runsc.kernel.task.ProcessGroups;
import dev.runsc.kernel.task.ResourceLimits;
import dev.runsc.kernel.task.Scheduling;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.vfs.FdTable;
import java.util.ArrayList;
import java.util.List;

/** Resource limits and usage, priorities, scheduling. */
final class Limits {
    private static final int SCHED_RESET_ON_FORK = 0x40000000;
    private static final int MAX_POLICY = 6;

    private Limits() {}

    static long getrlimit(Task task, Args args) throws ErrnoException {
        Users.write(task, args.address(1), limit(task.group(), args.integer(0)));
        return 0;
    }

    static long setrlimit(Task task, Args args) throws ErrnoException {
        Rlimit wanted = Rlimit.readFrom(Users.read(task, args.address(1), Rlimit.BYTES));
        set(task, task.group(), args.integer(0), wanted);
        return 0;
    }

    static long prlimit64(Task task, Args args) throws ErrnoException {
        ThreadGroup target = Processes.requireTask(task, args.integer(0)).group();
        if (target != task.group()) {
            requireAccess(task.credentials(), target.leader().credentials());
        }
        int resource = args.integer(1);
        Rlimit wanted =
                args.address(2) == 0
                        ? null
                        : Rlimit.readFrom(Users.read(task, args.address(2), Rlimit.BYTES));
        Rlimit old = limit(target, resource);
        if (wanted != null) {
            set(task, target, resource, wanted);
        }
        if (args.address(3) != 0) {
            Users.write(task, args.address(3), old);
        }
        return 0;
    }

    private static void requireAccess(Credentials caller, Credentials target)
            throws ErrnoException {
        boolean same =
                caller.uid() == target.uid()
                        && caller.uid() == target.effectiveUid()
                        && caller.uid() == target.savedUid()
                        && caller.gid() == target.gid()
                        && caller.gid() == target.effectiveGid()
                        && caller.gid() == target.savedGid();
        if (!same && !caller.hasIn(target.namespace(), Capabilities.CAP_SYS_RESOURCE)) {
            throw Errno.EPERM.error();
        }
    }

    private static Rlimit limit(ThreadGroup group, int resource) throws ErrnoException {
        requireResource(resource);
        ResourceLimits limits = group.limits();
        return new Rlimit(limits.soft(resource), limits.hard(resource));
    }

    private static void requireResource(int resource) throws ErrnoException {
        if (resource < 0 || resource >= RLIM_NLIMITS) {
            throw Errno.EINVAL.error();
        }
    }

    private static void set(Task task, ThreadGroup target, int resource, Rlimit wanted)
            throws ErrnoException {
        requireResource(resource);
        if (Long.compareUnsigned(wanted.current(), wanted.maximum()) > 0) {
            throw Errno.EINVAL.error();
        }
        boolean raises = Long.compareUnsigned(wanted.maximum(), target.limits().hard(resource)) > 0;
        boolean beyondKernel =
                resource == RLIMIT_NOFILE
                        && Long.compareUnsigned(wanted.maximum(), FdTable.MAX_DESCRIPTORS) > 0;
        if (raises && !task.credentials().has(Capabilities.CAP_SYS_RESOURCE) || beyondKernel) {
            throw Errno.EPERM.error();
        }
        target.limits().set(resource, wanted.current(), wanted.maximum());
    }

    static long getrusage(Task task, Args args) throws ErrnoException {
        var times =
                switch (args.integer(0)) {
                    case RUSAGE_SELF -> task.group().times();
                    case RUSAGE_CHILDREN -> task.group().childTimes();
                    case RUSAGE_THREAD -> task.times();
                    default -> throw Errno.EINVAL.error();
                };
        long rss = task.memory().statistics().peakResident() >> 10;
        Users.write(
                task,
                args.address(1),
                Processes.usage(times, args.integer(0) == RUSAGE_CHILDREN ? 0 : rss));
        return 0;
    }

    // Priorities.

    static long getpriority(Task task, Args args) throws ErrnoException {
        int best = -1;
        for (Task target : targets(task, args.integer(0), args.integer(1))) {
            best = Math.max(best, 20 - target.scheduling().nice());
        }
        return best;
    }

    static long setpriority(Task task, Args args) throws ErrnoException {
        int nice = Math.clamp(args.integer(2), -20, 19);
        for (Task target : targets(task, args.integer(0), args.integer(1))) {
            Credentials own = task.credentials();
            Credentials owner = target.credentials();
            if (own.effectiveUid() != owner.uid()
                    && own.effectiveUid() != owner.effectiveUid()
                    && !own.hasIn(owner.namespace(), Capabilities.CAP_SYS_NICE)) {
                throw Errno.EPERM.error();
            }
            if (nice < target.scheduling().nice()
                    && !task.credentials().has(Capabilities.CAP_SYS_NICE)) {
                throw Errno.EACCES.error();
            }
            target.scheduling().setNice(nice);
        }
        return 0;
    }

    private static List<Task> targets(Task task, int which, int who) throws ErrnoException {
        List<Task> found = new ArrayList<>();
        switch (which) {
            case RLimits.PRIO_PROCESS -> found.add(Processes.requireTask(task, who));
            case RLimits.PRIO_PGRP -> {
                ProcessGroup group =
                        who == 0 ? task.group().processGroup() : ProcessGroups.find(task, who);
                if (group != null) {
                    group.members().forEach(member -> found.addAll(member.threads()));
                }
            }
            case RLimits.PRIO_USER -> {
                Credentials own = task.credentials();
                int uid = who == 0 ? own.uid() : own.namespace().requireUid(who);
                for (Task other : task.taskSet().tasks()) {
                    if (other.credentials().uid() == uid) {
                        found.add(other);
                    }
                }
            }
            default -> throw Errno.EINVAL.error();
        }
        if (found.isEmpty()) {
            throw Errno.ESRCH.error();
        }
        return found;
    }

    // Scheduling.

    @SuppressWarnings("ThreadPriorityCheck") // the guest asks the host's scheduler for exactly this
    static long sched_yield(Task task, Args args) {
        Thread.yield();
        return 0;
    }

    static long sched_getaffinity(Task task, Args args) throws ErrnoException {
        Task target = Processes.requireTask(task, args.integer(0));
        int cpus = cpuCount();
        int bytes = (cpus + 63) / 64 * 8;
        if (Integer.compareUnsigned(args.integer(1), bytes) < 0 || (args.integer(1) & 7) != 0) {
            throw Errno.EINVAL.error();
        }
        byte[] mask = new byte[bytes];
        long[] allowed = target.scheduling().affinity();
        for (int cpu = 0; cpu < cpus; cpu++) {
            if (allowed.length == 0 || (allowed[cpu / 64] >>> cpu % 64 & 1) != 0) {
                mask[cpu / 8] |= (byte) (1 << cpu % 8);
            }
        }
        task.memory().copyOut(args.address(2), mask);
        return bytes;
    }

    static long sched_setaffinity(Task task, Args args) throws ErrnoException {
        Task target = Processes.requireTask(task, args.integer(0));
        int cpus = cpuCount();
        int bytes = Math.min((cpus + 63) / 64 * 8, Math.max(0, args.integer(1)));
        byte[] given = new byte[bytes];
        task.memory().copyIn(args.address(2), given);
        long[] mask = new long[(cpus + 63) / 64];
        boolean any = false;
        for (int cpu = 0; cpu < cpus && cpu / 8 < bytes; cpu++) {
            if ((given[cpu / 8] >>> cpu % 8 & 1) != 0) {
                mask[cpu / 64] |= 1L << cpu % 64;
                any = true;
            }
        }
        if (!any) {
            throw Errno.EINVAL.error();
        }
        target.scheduling().setAffinity(mask);
        return 0;
    }

    static int cpuCount() {
        return Runtime.getRuntime().availableProcessors();
    }

    static long getcpu(Task task, Args args) throws ErrnoException {
        if (args.address(0) != 0) {
            task.memory().writeInt(args.address(0), 0);
        }
        if (args.address(1) != 0) {
            task.memory().writeInt(args.address(1), 0);
        }
        return 0;
    }

    static long sched_getscheduler(Task task, Args args) throws ErrnoException {
        return Processes.requireTask(task, args.integer(0)).scheduling().policy();
    }

    static long sched_setscheduler(Task task, Args args) throws ErrnoException {
        Task target = Processes.requireTask(task, args.integer(0));
        int policy = args.integer(1) & ~SCHED_RESET_ON_FORK;
        int priority = task.memory().readInt(args.address(2));
        requirePriority(task, policy, priority);
        target.scheduling().setPolicy(policy, priority);
        return 0;
    }

    static long sched_getparam(Task task, Args args) throws ErrnoException {
        Scheduling scheduling = Processes.requireTask(task, args.integer(0)).scheduling();
        task.memory().writeInt(args.address(1), scheduling.priority());
        return 0;
    }

    static long sched_setparam(Task task, Args args) throws ErrnoException {
        Scheduling scheduling = Processes.requireTask(task, args.integer(0)).scheduling();
        int priority = task.memory().readInt(args.address(1));
        requirePriority(task, scheduling.policy(), priority);
        scheduling.setPolicy(scheduling.policy(), priority);
        return 0;
    }

    private static void requirePriority(Task task, int policy, int priority) throws ErrnoException {
        if (policy < 0 || policy > MAX_POLICY || policy == 4) {
            throw Errno.EINVAL.error();
        }
        boolean realTime = isRealTime(policy);
        if (realTime ? priority < 1 || priority > 99 : priority != 0) {
            throw Errno.EINVAL.error();
        }
        if (realTime && !task.credentials().has(Capabilities.CAP_SYS_NICE)) {
            throw Errno.EPERM.error();
        }
    }

    private static boolean isRealTime(int policy) {
        return policy == 1 || policy == 2;
    }

    static long sched_get_priority_max(Task task, Args args) throws ErrnoException {
        return requirePolicy(args.integer(0)) ? 99 : 0;
    }

    static long sched_get_priority_min(Task task, Args args) throws ErrnoException {
        return requirePolicy(args.integer(0)) ? 1 : 0;
    }

    private static boolean requirePolicy(int policy) throws ErrnoException {
        if (policy < 0 || policy > MAX_POLICY || policy == 4) {
            throw Errno.EINVAL.error();
        }
        return isRealTime(policy);
    }

    static long sched_rr_get_interval(Task task, Args args) throws ErrnoException {
        boolean roundRobin =
                Processes.requireTask(task, args.integer(0)).scheduling().policy() == 2;
        Users.write(task, args.address(1), Users.timespec(roundRobin ? 100_000_000 : 4_000_000));
        return 0;
    }

    static long ioprio_get(Task task, Args args) throws ErrnoException {
        return Processes.requireTask(task, args.integer(1)).scheduling().ioPriority();
    }

    static long ioprio_set(Task task, Args args) throws ErrnoException {
        Processes.requireTask(task, args.integer(1)).scheduling().setIoPriority(args.integer(2));
        return 0;
    }
}
