package dev.runsc.kernel.task;

import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.memory.MemoryManager;

/** A task gets other credentials (Linux commit_creds). */
public final class CredentialChange {
    private CredentialChange() {}

    /**
     * Replaces the credentials. Who acts for somebody else from now on, or may do more, is no
     * longer to be looked into, nor told of its parent's end.
     */
    public static void commit(Task task, Credentials changed) {
        Credentials old = task.credentials();
        boolean other =
                old.effectiveUid() != changed.effectiveUid()
                        || old.effectiveGid() != changed.effectiveGid()
                        || old.fsUid() != changed.fsUid()
                        || old.fsGid() != changed.fsGid();
        if (other || (changed.permitted() & ~old.permitted()) != 0) {
            MemoryManager memory = task.findMemory();
            if (memory != null) {
                memory.setDumpable(false);
            }
            task.setParentDeathSignal(0);
        }
        task.setCredentials(changed);
    }
}
