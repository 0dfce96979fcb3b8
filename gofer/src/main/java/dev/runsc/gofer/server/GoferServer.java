package dev.runsc.gofer.server;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostProcess;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.UnixSocket;
import dev.runsc.gofer.protocol.Limits;
import dev.runsc.gofer.protocol.Reply;
import dev.runsc.gofer.protocol.Request;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Serves mount roots to one kernel over any number of connections, bounded by the protocol. */
public final class GoferServer {
    /** Descriptors that are not nodes: of the JVM, of connections, of requests in progress. */
    private static final int RESERVED_DESCRIPTORS = 128;

    private static final int MOST_NODES = 1 << 20;

    final HeldTable table;
    final TreeOperations tree;
    final FileOperations files;
    final XattrOperations xattrs;

    private final NodeAccess access;
    private final List<ServedRoot> roots;
    private final AtomicInteger connections = new AtomicInteger();

    /** The roots become the server's. */
    public GoferServer(List<ServedRoot> roots) throws ErrnoException {
        this.roots = List.copyOf(roots);
        long limit = HostProcess.getrlimit(RLimits.RLIMIT_NOFILE).current();
        boolean unlimited = limit < 0 || limit > MOST_NODES;
        table = new HeldTable(unlimited ? MOST_NODES : (int) limit - RESERVED_DESCRIPTORS);
        access = new NodeAccess();
        tree = new TreeOperations(table, access);
        files = new FileOperations(table, access, tree);
        xattrs = new XattrOperations(table, access);
    }

    /** Serves the first connection in the calling thread until the kernel closes it. */
    public void serve(UnixSocket socket) {
        connections.incrementAndGet();
        new Connection(this, socket).serve();
        connections.decrementAndGet();
    }

    Reply.Attached attach(Request.Attach r) throws ErrnoException {
        if (r.root() >= roots.size()) {
            throw Errno.ENOENT.error();
        }
        ServedRoot root = roots.get(r.root());
        return new Reply.Attached(tree.addNode(root, root.fd().duplicate()), root.readOnly());
    }

    /** Starts one more connection; returns the kernel's end. */
    HostFd openConnection() throws ErrnoException {
        if (connections.incrementAndGet() > Limits.CHANNELS) {
            connections.decrementAndGet();
            throw Errno.EMFILE.error();
        }
        HostFd[] pair;
        try {
            pair = HostSockets.socketpair(SocketConstants.SOCK_SEQPACKET);
        } catch (ErrnoException e) {
            connections.decrementAndGet();
            throw e;
        }
        UnixSocket ours = new UnixSocket(pair[0]);
        Thread.ofPlatform()
                .daemon()
                .name("gofer-connection")
                .start(() -> {
                    new Connection(this, ours).serve();
                    connections.decrementAndGet();
                });
        return pair[1];
    }
}
