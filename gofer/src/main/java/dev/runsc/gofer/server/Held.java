package dev.runsc.gofer.server;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.host.HostFd;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A descriptor the server holds for the kernel: a node or a handle. It is open as long as the table
 * or a request in progress counts on it. Closing gives one count back.
 */
final class Held implements AutoCloseable {
    /** What may be done with it. */
    enum Kind {
        /** O_PATH: a place in the tree. */
        NODE,
        /** A regular file open for reading, writing or both. */
        FILE,
        /** A directory open for listing. */
        DIRECTORY
    }

    final Kind kind;
    final ServedRoot root;

    /** {@code S_IF*}: never changes while the object lives. */
    final int type;

    private final HostFd fd;
    private final AtomicInteger users = new AtomicInteger(1);

    Held(Kind kind, HostFd fd, ServedRoot root, int mode) {
        this.kind = kind;
        this.fd = fd;
        this.root = root;
        this.type = mode & FileMode.S_IFMT;
    }

    int fd() {
        return fd.number();
    }

    boolean isDirectory() {
        return type == FileMode.S_IFDIR;
    }

    boolean isRegular() {
        return type == FileMode.S_IFREG;
    }

    boolean isLink() {
        return type == FileMode.S_IFLNK;
    }

    /** Counts one more user; false when it is closed already. */
    boolean retain() {
        int count;
        do {
            count = users.get();
            if (count == 0) {
                return false;
            }
        } while (!users.compareAndSet(count, count + 1));
        return true;
    }

    @Override
    public void close() {
        if (users.decrementAndGet() == 0) {
            fd.close();
        }
    }

    void requireWritable() throws ErrnoException {
        if (root.readOnly()) {
            throw Errno.EROFS.error();
        }
    }

    void requireDirectory() throws ErrnoException {
        if (!isDirectory()) {
            throw Errno.ENOTDIR.error();
        }
    }
}
