package dev.runsc.kernel.task;

/** What /proc/pid/stat shows of a task's state (proc_pid_stat(5), field 3). */
public final class StateLetter {
    private StateLetter() {}

    public static char of(Task task) {
        if (task.isGone() || task.group().isZombie()) {
            return 'Z';
        }
        if (task.isHeld()) {
            return task.tracing().isStopped() ? 't' : 'T';
        }
        if (task.state() instanceof RunState.VforkWaiting) {
            return 'D';
        }
        return task.isRunning() ? 'R' : 'S';
    }
}
