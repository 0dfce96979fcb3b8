package dev.runsc.kernel.vfs;

import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.sync.ThreadWaiter;

/** A caller with other credentials: access(2) asks with the real ids (Linux override_creds). */
public record CallerAs(Caller caller, Credentials credentials) implements Caller {
    /** SECBIT_NO_SETUID_FIXUP of linux/securebits.h. */
    private static final int NO_SETUID_FIXUP = 1 << 2;

    /** What access(2) asks with: the real ids, and capabilities only if the real user is root. */
    public static CallerAs real(Caller caller) {
        Credentials own = caller.credentials();
        Credentials changed =
                own.withUids(own.uid(), own.effectiveUid(), own.savedUid(), own.uid())
                        .withGids(own.gid(), own.effectiveGid(), own.savedGid(), own.gid());
        if ((own.secureBits() & NO_SETUID_FIXUP) == 0) {
            long effective = own.isRoot(own.uid()) ? own.permitted() : 0;
            changed = changed.withCapabilities(own.permitted(), effective, own.inheritable());
        }
        return new CallerAs(caller, changed);
    }

    @Override
    public FsContext fs() {
        return caller.fs();
    }

    @Override
    public long fileSizeLimit() {
        return caller.fileSizeLimit();
    }

    @Override
    public void fileSizeExceeded() {
        caller.fileSizeExceeded();
    }

    @Override
    public FdTable files() {
        return caller.files();
    }

    @Override
    public int descriptorLimit() {
        return caller.descriptorLimit();
    }

    @Override
    public int processId() {
        return caller.processId();
    }

    @Override
    public Wake sleep(ThreadWaiter waiter, long deadlineNanos) {
        return caller.sleep(waiter, deadlineNanos);
    }
}
