package dev.runsc.gofer.server;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.host.Handover;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostMounts;
import dev.runsc.gofer.host.HostProcess;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.gofer.host.UnixSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * The gofer process. Arguments, in any order but as the mounts are numbered:
 *
 * <pre>
 * --socket-fd=N          the connection to the kernel, of SOCK_SEQPACKET; required
 * --root-fd=N            a mount root that is open already
 * --root-path=PATH       a mount root to open
 * --copy=MOUNTS,LATER    of the next root's mounts a copy is served. MOUNTS: tree, or top for that
 *                        one alone. LATER, what is mounted there afterwards: rslave when it comes
 *                        to the copy too, private when only below the first, rprivate when not
 * --read-only            the root before this argument must not be changed
 * </pre>
 *
 * It ends with 0 when the kernel closes its socket, and with 128 and a line on standard error when
 * it cannot start.
 */
public final class GoferMain {
    private static final int CANNOT_START = 128;
    private static final String SOCKET_FD = "--socket-fd=";
    private static final String ROOT_FD = "--root-fd=";
    private static final String ROOT_PATH = "--root-path=";
    private static final String COPY = "--copy=";
    private static final String READ_ONLY = "--read-only";

    private GoferMain() {}

    public static void main(String[] args) {
        try {
            run(Handover.await(args));
        } catch (ErrnoException | IllegalArgumentException e) {
            ServerLog.report(String.valueOf(e.getMessage()));
            System.exit(CANNOT_START);
        }
    }

    /** A connection and what it serves. */
    private record Service(HostFd socket, List<ServedRoot> roots) {
        void serve() {
            try {
                new GoferServer(roots).serve(new UnixSocket(socket));
            } catch (ErrnoException e) {
                ServerLog.report(String.valueOf(e.getMessage()));
                socket.close();
            }
        }
    }

    private static void run(String[] args) throws ErrnoException {
        List<Service> services = services(args);
        HostProcess.umask(0); // modes are the kernel's to decide
        for (Service service : services.subList(1, services.size())) {
            Thread.ofPlatform().name("gofer-connection").start(service::serve);
        }
        services.getFirst().serve();
    }

    private static List<Service> services(String[] args) throws ErrnoException {
        List<Service> services = new ArrayList<>();
        HostFd socket = null;
        String copy = "";
        List<ServedRoot> roots = new ArrayList<>();
        for (String argument : args) {
            if (argument.startsWith(SOCKET_FD)) {
                if (socket != null) {
                    services.add(new Service(socket, roots));
                    roots = new ArrayList<>();
                }
                socket = inherited(argument.substring(SOCKET_FD.length()));
            } else if (argument.startsWith(ROOT_FD)) {
                HostFd root = inherited(argument.substring(ROOT_FD.length()));
                roots.add(new ServedRoot(root, false));
            } else if (argument.startsWith(ROOT_PATH)) {
                String path = argument.substring(ROOT_PATH.length());
                roots.add(new ServedRoot(open(path, copy), false));
                copy = "";
            } else if (argument.startsWith(COPY)) {
                copy = argument.substring(COPY.length());
            } else if (argument.equals(READ_ONLY) && !roots.isEmpty()) {
                roots.add(new ServedRoot(roots.removeLast().fd(), true));
            } else {
                throw new IllegalArgumentException("unknown argument " + argument);
            }
        }
        if (socket == null) {
            throw new IllegalArgumentException("argument missing: " + SOCKET_FD + "N");
        }
        services.add(new Service(socket, roots));
        return services;
    }

    private static HostFd open(String path, String copy) throws ErrnoException {
        if (!copy.isEmpty()) {
            try {
                return openCopy(path, List.of(copy.split(",")));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EPERM && e.errno() != Errno.ENOSYS) {
                    throw e;
                }
                // Without CAP_SYS_ADMIN, or on a kernel before 5.12, nobody can be cut off.
                ServerLog.report(path + ": the host's own mounts are served: " + e.getMessage());
            }
        }
        return HostTree.open(path, OpenFlags.O_PATH, 0);
    }

    private static HostFd openCopy(String path, List<String> words) throws ErrnoException {
        boolean tree = words.contains("tree");
        HostFd copy = HostMounts.copy(path, tree);
        boolean good = false;
        try {
            HostMounts.follow(copy.number(), tree);
            if (words.contains("private") || words.contains("rprivate")) {
                HostMounts.makePrivate(copy.number(), words.contains("rprivate"));
            }
            good = true;
            return copy;
        } finally {
            if (!good) {
                copy.close();
            }
        }
    }

    private static HostFd inherited(String number) {
        return HostFd.own(Integer.parseInt(number));
    }
}
