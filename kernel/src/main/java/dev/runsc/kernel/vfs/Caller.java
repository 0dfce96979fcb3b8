package dev.runsc.kernel.vfs;

import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.sync.Interruptible;

/** Who is asking: a task as the file layer sees it. */
public interface Caller extends Interruptible {
    Credentials credentials();

    /** Root, working directory, umask (Linux {@code struct fs_struct}). */
    FsContext fs();

    /**
     * RLIMIT_FSIZE in bytes; beyond it writes fail with EFBIG (and SIGXFSZ, which {@link
     * #fileSizeExceeded} sends).
     */
    long fileSizeLimit();

    /** Sends SIGXFSZ to the caller. */
    void fileSizeExceeded();

    /** The caller's descriptors, which own its record locks. */
    FdTable files();

    /** RLIMIT_NOFILE: descriptors are below this. */
    int descriptorLimit();

    /** Process id as the caller's own PID namespace sees it, for record locks and owners. */
    int processId();
}
