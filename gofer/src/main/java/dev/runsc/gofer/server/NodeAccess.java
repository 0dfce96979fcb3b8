package dev.runsc.gofer.server;

import static dev.runsc.gofer.abi.OpenFlags.O_DIRECTORY;
import static dev.runsc.gofer.abi.OpenFlags.O_NOFOLLOW;
import static dev.runsc.gofer.abi.OpenFlags.O_PATH;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.StatxMasks;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.gofer.protocol.NodeAttributes;
import java.nio.charset.StandardCharsets;

/** How the server looks at nodes: steps down by one name, and reopening through proc. */
final class NodeAccess implements AutoCloseable {
    static final byte[] EMPTY = {};

    private static final int WANTED = StatxMasks.STATX_BASIC_STATS | StatxMasks.STATX_BTIME;

    /** {@code /proc/self/fd}, opened while it could still be reached by a path. */
    private final HostFd descriptors;

    NodeAccess() throws ErrnoException {
        descriptors = HostTree.open("/proc/self/fd", O_PATH | O_DIRECTORY, 0);
    }

    @Override
    public void close() {
        descriptors.close();
    }

    /** The entry of a directory as a descriptor of O_PATH; a link is itself. */
    HostFd step(int directoryFd, byte[] name) throws ErrnoException {
        return HostTree.openat(directoryFd, name, O_PATH | O_NOFOLLOW, 0);
    }

    NodeAttributes attributes(int fd) throws ErrnoException {
        return NodeAttributes.of(HostTree.statx(fd, WANTED));
    }

    byte[] linkTarget(int fd) throws ErrnoException {
        return HostTree.readlinkat(fd, EMPTY);
    }

    /** Where {@link #entryOf} names are to be looked up. */
    int descriptorsFd() {
        return descriptors.number();
    }

    /** The name of a descriptor's entry in {@code /proc/self/fd}. */
    byte[] entryOf(int fd) {
        return Integer.toString(fd).getBytes(StandardCharsets.US_ASCII);
    }

    /** Opens the object behind a descriptor anew, with other rights. */
    HostFd reopen(int fd, int flags) throws ErrnoException {
        return HostTree.openat(descriptorsFd(), entryOf(fd), flags, 0);
    }
}
