package dev.runsc.kernel.task;

/**
 * Is told of births, programs and deaths of tasks. Called on the thread of the task concerned,
 * without locks; never saved.
 */
public interface TaskObserver {
    /** A task has made another, a process of its own or a thread. */
    void cloned(Task parent, Task child);

    /** A task runs another program now. */
    void executed(Task task);

    /**
     * A task has ended.
     *
     * @param waitStatus as in wait(2)
     * @param last whether its process ends with it
     */
    void exited(Task task, int waitStatus, boolean last);
}
