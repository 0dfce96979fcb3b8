package dev.runsc.kernel;

import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.task.NamespaceHolder;
import dev.runsc.kernel.task.NamespaceSet;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FsContext;
import org.jspecify.annotations.Nullable;

/**
 * The kernel itself, as the file layer's caller while a container is put together. It never sleeps.
 */
record BootCaller(
        FsContext fs, Credentials credentials, FdTable files, @Nullable NamespaceSet namespaces)
        implements Caller, NamespaceHolder {
    private static final int DESCRIPTOR_LIMIT = 1024;

    BootCaller(FsContext fs, Credentials credentials) {
        this(fs, credentials, new FdTable(), null);
    }

    /** The same in the namespaces of a container. */
    BootCaller in(NamespaceSet itsNamespaces) {
        return new BootCaller(fs, credentials, files, itsNamespaces);
    }

    @Override
    public long fileSizeLimit() {
        return Long.MAX_VALUE;
    }

    @Override
    public void fileSizeExceeded() {
        throw new AssertionError("no file size limit");
    }

    @Override
    public int descriptorLimit() {
        return DESCRIPTOR_LIMIT;
    }

    @Override
    public int processId() {
        return 0;
    }

    @Override
    public Wake sleep(ThreadWaiter waiter, long deadlineNanos) {
        throw new AssertionError("the kernel does not sleep while it boots a container");
    }
}
