package dev.runsc.kernel.net.unix;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.AnonymousFileSystem;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathOperations;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import dev.runsc.state.Savable;
import java.util.HashMap;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes Unix domain sockets, numbers them, and knows who has which name. */
public final class UnixSockets implements Savable {
    private static final long SOCKFS_MAGIC = 0x534f434b;

    /** Names that bind gives by itself: five hexadecimal digits (unix(7), autobind). */
    private static final int AUTOBIND_NAMES = 1 << 20;

    private static final int SOCKET_FILE_MODE = 0777;

    private final KernelLock lock = new KernelLock(LockClass.CHANNEL);
    private final AnonymousFileSystem fileSystem;

    /** Descriptors in messages nobody has received yet. */
    private final AtomicInteger rightsInFlight = new AtomicInteger();

    @GuardedBy("lock")
    private final HashMap<String, UnixSocket> abstractNames = new HashMap<>();

    @GuardedBy("lock")
    private int nextAutobind;

    public UnixSockets(VirtualFileSystem vfs) {
        fileSystem = new AnonymousFileSystem(vfs, "sockfs", SOCKFS_MAGIC);
    }

    long deviceId() {
        return fileSystem.deviceId();
    }

    /**
     * A new socket.
     *
     * @param type SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET
     * @param statusFlags O_NONBLOCK or 0
     */
    public UnixSocket create(Caller caller, int type, int protocol, int statusFlags) {
        return new UnixSocket(
                this, fileSystem.newInodeNumber(), caller, type, protocol, statusFlags);
    }

    /** socketpair(2). */
    public UnixSocket[] createPair(Caller caller, int type, int protocol, int statusFlags) {
        UnixSocket first = create(caller, type, protocol, statusFlags);
        UnixSocket second = create(caller, type, protocol, statusFlags);
        PeerCredentials credentials = PeerCredentials.ofConnection(caller);
        first.join(second, credentials);
        second.join(first, credentials);
        return new UnixSocket[] {first, second};
    }

    // ---- names

    /**
     * bind(2).
     *
     * @param name what stood in sun_path: empty to choose a name, with a leading NUL for an
     *     abstract one
     */
    public void bind(Caller caller, UnixSocket socket, String name) throws ErrnoException {
        socket.beginBinding();
        try {
            if (name.isEmpty()) {
                socket.endBinding(autobind(socket), null);
            } else if (name.charAt(0) == 0) {
                claim(name, socket);
                socket.endBinding(name, null);
            } else {
                bindPath(caller, socket, pathOf(name));
            }
        } catch (ErrnoException failed) {
            socket.cancelBinding();
            throw failed;
        }
    }

    private static void bindPath(Caller caller, UnixSocket socket, String path)
            throws ErrnoException {
        try {
            Location place =
                    PathOperations.makeSocket(
                            caller, caller.fs().workingDirectory(), path, SOCKET_FILE_MODE);
            place.inode().setAttachment(socket);
            socket.endBinding(path + '\0', place);
        } catch (ErrnoException failed) {
            throw failed.is(Errno.EEXIST) ? Errno.EADDRINUSE.error() : failed;
        }
    }

    private void claim(String name, UnixSocket socket) throws ErrnoException {
        lock.lock();
        try {
            if (abstractNames.putIfAbsent(name, socket) != null) {
                throw Errno.EADDRINUSE.error();
            }
        } finally {
            lock.unlock();
        }
    }

    private String autobind(UnixSocket socket) throws ErrnoException {
        lock.lock();
        try {
            for (int i = 0; i < AUTOBIND_NAMES; i++) {
                nextAutobind = (nextAutobind + 1) % AUTOBIND_NAMES;
                String name = String.format(Locale.ROOT, "\0%05x", nextAutobind);
                if (abstractNames.putIfAbsent(name, socket) == null) {
                    return name;
                }
            }
            throw Errno.ENOSPC.error();
        } finally {
            lock.unlock();
        }
    }

    /** The name of a socket that is closed is free again; a socket file stays and leads nowhere. */
    void unbind(UnixSocket socket, String name) {
        lock.lock();
        try {
            abstractNames.remove(name, socket);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The socket behind a name, for connect and sendto. ECONNREFUSED when there is none, EPROTOTYPE
     * when it is of another type, and what walking to a path gives.
     */
    public UnixSocket find(Caller caller, String name, int type) throws ErrnoException {
        if (name.isEmpty()) {
            throw Errno.ECONNREFUSED.error();
        }
        UnixSocket found =
                name.charAt(0) == 0 ? findAbstract(name) : findPath(caller, pathOf(name));
        if (found.type() != type) {
            throw Errno.EPROTOTYPE.error();
        }
        return found;
    }

    private UnixSocket findAbstract(String name) throws ErrnoException {
        lock.lock();
        try {
            UnixSocket found = abstractNames.get(name);
            if (found == null) {
                throw Errno.ECONNREFUSED.error();
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    private static UnixSocket findPath(Caller caller, String path) throws ErrnoException {
        Inode inode = PathWalk.find(caller, path, PathWalk.FOLLOW).inode();
        inode.checkPermission(caller, Inode.MAY_WRITE);
        if (inode.type() == FileMode.S_IFSOCK && inode.attachment() instanceof UnixSocket socket) {
            return socket;
        }
        throw Errno.ECONNREFUSED.error();
    }

    private static String pathOf(String name) {
        int end = name.indexOf('\0');
        return end < 0 ? name : name.substring(0, end);
    }

    // ---- descriptors in flight

    /**
     * ETOOMANYREFS when more descriptors are in flight than a process may have open
     * (too_many_unix_fds).
     */
    public void requireRightsAllowed(Caller caller, int more) throws ErrnoException {
        boolean exempt =
                caller.credentials().has(Capabilities.CAP_SYS_RESOURCE)
                        || caller.credentials().has(Capabilities.CAP_SYS_ADMIN);
        if (more > 0 && !exempt && rightsInFlight.get() > caller.descriptorLimit()) {
            throw Errno.ETOOMANYREFS.error();
        }
    }

    void countRights(int change) {
        rightsInFlight.addAndGet(change);
    }
}
