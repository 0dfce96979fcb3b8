package dev.runsc.kernel.ipc;

import dev.runsc.state.Savable;

/**
 * A process as IPC objects remember it (Linux {@code struct pid}), whether it still lives or not.
 */
public interface ProcessId extends Savable {
    /** Its number as another one's PID namespace sees it, 0 when it does not. */
    int seenBy(ProcessId viewer);
}
