package dev.runsc.kernel.task;

import dev.runsc.state.Savable;

/**
 * What a system call that is cut short and repeated must not start over with: its absolute deadline
 * and what it has done so far (Linux {@code struct restart_block}). Cleared when the call ends.
 */
final class RestartBlock implements Savable {
    private boolean hasDeadline;
    private long deadlineNanos;
    private long progress;

    boolean hasDeadline() {
        return hasDeadline;
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    void setDeadline(long absoluteNanos) {
        hasDeadline = true;
        deadlineNanos = absoluteNanos;
    }

    long progress() {
        return progress;
    }

    void setProgress(long bytes) {
        progress = bytes;
    }

    void clear() {
        hasDeadline = false;
        progress = 0;
    }
}
