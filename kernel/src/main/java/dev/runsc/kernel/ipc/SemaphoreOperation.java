package dev.runsc.kernel.ipc;

/**
 * One element of semop(2)'s array ({@code struct sembuf}).
 *
 * @param number which semaphore of the set, not negative
 */
public record SemaphoreOperation(int number, int change, boolean undo, boolean noWait) {
    boolean alters() {
        return change != 0;
    }
}
