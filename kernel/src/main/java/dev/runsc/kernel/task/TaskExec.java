package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.SignalNumbers.SIGCHLD;

import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.sync.Interruptible.Wake;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.task.RunState.ExecWaiting;
import dev.runsc.kernel.vfs.FdTable;

/**
 * execve(2) from the point of no return on (Linux begin_new_exec): the new program is loaded
 * already.
 */
public final class TaskExec {
    private TaskExec() {}

    /**
     * Takes on a new program; siblings are told to end first, and the task's next state waits for
     * them.
     */
    public static void begin(Task task, LoadedImage image) {
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            for (Task thread : task.group().threadsLocked()) {
                if (thread != task) {
                    thread.displace();
                }
            }
        } finally {
            lock.unlock();
        }
        task.taskSet().unpark();
        task.setState(new ExecWaiting(image));
    }

    static RunState finish(Task task, ExecWaiting waiting) {
        ThreadGroup group = task.group();
        ThreadWaiter waiter = new ThreadWaiter();
        group.threadEvents().add(waiter, PollEvents.POLLIN);
        try {
            while (!isAlone(task)) {
                if (task.sleep(waiter, Task.FOREVER) == Wake.INTERRUPTED) {
                    return waiting;
                }
            }
        } finally {
            group.threadEvents().remove(waiter);
        }
        PidNumbers before = task.numbers();
        commit(task, waiting.image());
        return TracedCalls.executed(task, before);
    }

    private static boolean isAlone(Task task) {
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            return task.group().threadsLocked().size() == 1;
        } finally {
            lock.unlock();
        }
    }

    private static void commit(Task task, LoadedImage image) {
        ThreadGroup group = task.group();
        int tid = task.tid();
        takeLeadership(task);
        TaskExit.releaseUserWords(task, task.memory());
        replaceMemory(task, image);
        task.taskSet().piFutexes().ownerDied(tid);
        FdTable files = task.files();
        if (files.isShared()) {
            FdTable own = files.copy();
            files.release(task);
            task.setFiles(own);
            files = own;
        }
        files.closeOnExec(task);
        group.setHandlers(group.handlers().copy());
        group.handlers().resetForExec();
        group.timers().clearPosix();
        group.setExitSignal(SIGCHLD);
        group.noteExecuted();
        task.altStack().disable();
        task.setClearChildTidAddress(0);
        task.setRobustListAddress(0);
        task.setName(image.name());
        task.setExecutable(image.executable());
        if (image.secure()) {
            task.setParentDeathSignal(0);
            if (Ptrace.isTracedByWeak(task)) {
                Ptrace.release(task); // it came while the program was loaded
            }
        }
        Credentials changed = image.credentials();
        CredentialChange.commit(task, changed);
        if (changed.effectiveUid() != changed.uid() || changed.effectiveGid() != changed.gid()) {
            task.memory().setDumpable(false);
        }
        TaskObserver observer = task.taskSet().observer();
        if (observer != null) {
            observer.executed(task);
        }
    }

    /** A thread other than the leader gets the leader's numbers (the leader is gone). */
    private static void takeLeadership(Task task) {
        if (task.isLeader()) {
            return;
        }
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            PidNumbers numbers = task.group().pid();
            Ptrace.unlinkLocked(task.group().leader());
            task.taskSet().cgroups().released(task.group().leader().membership());
            PidNamespace.unbind(task.numbers());
            task.setNumbers(numbers);
            PidNamespace.bind(numbers, task);
            task.group().setLeader(task);
        } finally {
            lock.unlock();
        }
    }

    private static void replaceMemory(Task task, LoadedImage image) {
        GuestContext context = task.findContext();
        task.setContext(null);
        if (context != null) {
            context.release();
        }
        MemoryManager old = task.memory();
        task.setMemory(image.memory());
        task.setCpuState(image.cpuState());
        old.release();
        task.releaseVfork();
    }
}
