package dev.runsc.kernel.fs;

import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MountNamespace;
import java.util.concurrent.locks.LockSupport;

/** A caller that is a thread of the test. */
public final class TestCaller implements Caller {
    public volatile Credentials credentials;
    public long fileSizeLimit = -1;
    public int descriptorLimit = 1024;
    public int sizeSignals;
    public volatile boolean interrupted;
    private final FsContext fs;
    private final FdTable files;

    public TestCaller(MountNamespace namespace, Credentials credentials) {
        this.credentials = credentials;
        Location root = namespace.rootLocation();
        this.fs = new FsContext(root, root, 022);
        this.files = new FdTable();
    }

    public TestCaller(FsContext fs, FdTable files, Credentials credentials) {
        this.fs = fs;
        this.files = files;
        this.credentials = credentials;
    }

    @Override
    public Credentials credentials() {
        return credentials;
    }

    @Override
    public FsContext fs() {
        return fs;
    }

    @Override
    public long fileSizeLimit() {
        return fileSizeLimit;
    }

    @Override
    public void fileSizeExceeded() {
        sizeSignals++;
    }

    @Override
    public FdTable files() {
        return files;
    }

    @Override
    public int descriptorLimit() {
        return descriptorLimit;
    }

    @Override
    public int processId() {
        return 1;
    }

    @Override
    public Wake sleep(ThreadWaiter waiter, long deadlineNanos) {
        while (!waiter.take()) {
            if (interrupted) {
                return Wake.INTERRUPTED;
            }
            LockSupport.parkNanos(1_000_000);
        }
        return Wake.NOTIFIED;
    }
}
