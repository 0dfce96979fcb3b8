package dev.runsc.kernel.task;

import dev.runsc.kernel.ipc.UndoList;

/** Which task owes semaphores what: semop(2), SEM_UNDO. */
public final class SemaphoreUndos {
    private SemaphoreUndos() {}

    /** The calling task's own list, made when there is none. */
    public static UndoList of(Task task) {
        UndoList known = task.findSemaphoreUndos();
        if (known == null) {
            known = new UndoList(task.namespaces().ipc());
            task.setSemaphoreUndos(known);
        }
        return known;
    }

    /**
     * A task has no part in its list any longer: the last one's end carries it out (exit_sem).
     *
     * @param by whose doing it is
     */
    public static void release(Task task, Task by) {
        UndoList undos = task.findSemaphoreUndos();
        if (undos != null) {
            task.setSemaphoreUndos(null);
            undos.release(by.group().pid());
        }
    }
}
