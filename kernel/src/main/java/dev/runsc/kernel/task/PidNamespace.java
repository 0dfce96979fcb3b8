package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A PID namespace (Linux {@code struct pid_namespace}): numbers for the tasks, process groups and
 * sessions in it and in those below it. Guarded by the task set's lock.
 */
public final class PidNamespace implements Savable {
    /** /proc/sys/kernel/pid_max. */
    public static final int MAX_PID = 32768;

    /** As Linux RESERVED_PIDS: numbers below are not handed out again after a wrap. */
    private static final int RESERVED = 300;

    /** Deepest level there may be (MAX_PID_NS_LEVEL). */
    private static final int MAX_LEVEL = 32;

    /** The inode number of Linux's first one (PROC_PID_INIT_INO). */
    private static final long FIRST_NUMBER = 0xEFFFFFFCL;

    private final @Nullable PidNamespace parent;
    private final UserNamespace owner;
    private final long number;
    private final int level;
    private final HashMap<Integer, Task> tasks = new HashMap<>();
    private final HashMap<Integer, ProcessGroup> processGroups = new HashMap<>();
    private final HashMap<Integer, Session> sessions = new HashMap<>();
    private int lastPid;
    private @Nullable ThreadGroup init;

    /** Set once init is gone: no further task may be born here. */
    private boolean dying;

    /** As if by this signal init is to end: reboot(2) was called; 0 if not. */
    private int rebootSignal;

    /** The topmost. */
    public PidNamespace(UserNamespace owner) {
        parent = null;
        level = 0;
        this.owner = owner;
        number = FIRST_NUMBER;
    }

    private PidNamespace(PidNamespace parent, UserNamespace owner) {
        this.parent = parent;
        this.owner = owner;
        number = owner.newNumber();
        this.level = parent.level + 1;
    }

    /** One below; ENOSPC when that is too deep. */
    public static PidNamespace below(PidNamespace parent, UserNamespace owner)
            throws ErrnoException {
        if (parent.level >= MAX_LEVEL) {
            throw Errno.ENOSPC.error();
        }
        return new PidNamespace(parent, owner);
    }

    public UserNamespace owner() {
        return owner;
    }

    /** The number in {@code pid:[...]}. */
    public long number() {
        return number;
    }

    public @Nullable PidNamespace parent() {
        return parent;
    }

    /** 0 for the topmost. */
    public int level() {
        return level;
    }

    public @Nullable ThreadGroup init() {
        return init;
    }

    void setInit(ThreadGroup group) {
        init = group;
    }

    /** Asks for a status of init's end. */
    void noteReboot(int signal) {
        rebootSignal = signal;
    }

    int rebootSignal() {
        return rebootSignal;
    }

    void startDying() {
        dying = true;
    }

    /** Whether this namespace is {@code other} or lies above it. */
    public boolean isAncestorOf(PidNamespace other) {
        for (PidNamespace ns = other; ns != null; ns = ns.parent) {
            if (ns == this) {
                return true;
            }
        }
        return false;
    }

    /**
     * Numbers a task in this namespace and all above.
     *
     * @throws ErrnoException EAGAIN when no number is free, ENOMEM when the namespace's init is
     *     gone
     */
    PidNumbers register(Task task) throws ErrnoException {
        if (dying) {
            throw Errno.ENOMEM.error();
        }
        int[] ids = new int[level + 1];
        for (PidNamespace ns = this; ns != null; ns = ns.parent) {
            ids[ns.level] = ns.nextFree();
        }
        PidNumbers numbers = new PidNumbers(this, ids);
        bind(numbers, task);
        return numbers;
    }

    /**
     * Makes numbers mean a task: a new one, or the one that took over its leader's numbers in
     * execve.
     */
    static void bind(PidNumbers numbers, Task task) {
        for (PidNamespace ns = numbers.namespace(); ns != null; ns = ns.parent) {
            ns.tasks.put(numbers.in(ns), task);
        }
    }

    static void unbind(PidNumbers numbers) {
        for (PidNamespace ns = numbers.namespace(); ns != null; ns = ns.parent) {
            ns.tasks.remove(numbers.in(ns));
        }
    }

    static void addProcessGroup(ProcessGroup group) {
        for (PidNamespace ns = group.numbers().namespace(); ns != null; ns = ns.parent) {
            ns.processGroups.put(group.numbers().in(ns), group);
        }
    }

    static void removeProcessGroup(ProcessGroup group) {
        for (PidNamespace ns = group.numbers().namespace(); ns != null; ns = ns.parent) {
            ns.processGroups.remove(group.numbers().in(ns), group);
        }
    }

    static void addSession(Session session) {
        for (PidNamespace ns = session.numbers().namespace(); ns != null; ns = ns.parent) {
            ns.sessions.put(session.numbers().in(ns), session);
        }
    }

    static void removeSession(Session session) {
        for (PidNamespace ns = session.numbers().namespace(); ns != null; ns = ns.parent) {
            ns.sessions.remove(session.numbers().in(ns), session);
        }
    }

    private int nextFree() throws ErrnoException {
        for (int tries = 0; tries < MAX_PID; tries++) {
            int id = lastPid + 1;
            if (id >= MAX_PID) {
                id = RESERVED;
            }
            lastPid = id;
            if (!tasks.containsKey(id)
                    && !processGroups.containsKey(id)
                    && !sessions.containsKey(id)) {
                return id;
            }
        }
        throw Errno.EAGAIN.error();
    }

    public @Nullable Task findTask(int tid) {
        return tasks.get(tid);
    }

    /** The thread group whose leader has this number, zombies included. */
    public @Nullable ThreadGroup findGroup(int pid) {
        Task task = tasks.get(pid);
        return task != null && task.isLeader() ? task.group() : null;
    }

    public @Nullable ProcessGroup findProcessGroup(int id) {
        return processGroups.get(id);
    }

    public @Nullable Session findSession(int id) {
        return sessions.get(id);
    }

    /** All thread groups with a number here, in number order. */
    public List<ThreadGroup> groups() {
        ArrayList<ThreadGroup> found = new ArrayList<>();
        tasks.keySet().stream()
                .sorted()
                .forEach(id -> {
                    ThreadGroup group = findGroup(id);
                    if (group != null) {
                        found.add(group);
                    }
                });
        return found;
    }

    public int taskCount() {
        return tasks.size();
    }

    public int lastPid() {
        return lastPid;
    }
}
