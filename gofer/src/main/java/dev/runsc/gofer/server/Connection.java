package dev.runsc.gofer.server;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.UnixSocket;
import dev.runsc.gofer.protocol.Limits;
import dev.runsc.gofer.protocol.MessageReader;
import dev.runsc.gofer.protocol.MessageWriter;
import dev.runsc.gofer.protocol.ProtocolException;
import dev.runsc.gofer.protocol.Reply;
import dev.runsc.gofer.protocol.Request;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One connection: takes a request, answers it, and so on until the peer closes. One thread's. */
final class Connection {
    private final GoferServer server;
    private final UnixSocket socket;
    private final ByteBuffer inbound = ByteBuffer.allocateDirect(Limits.MESSAGE_BYTES);
    private final MessageWriter outbound = new MessageWriter();

    /** Memory for content on its way from a file into a reply. */
    private final ByteBuffer room = ByteBuffer.allocateDirect(Limits.DATA_BYTES);

    /** What goes beside the reply; closed here once it is sent. */
    private @Nullable HostFd donation;

    Connection(GoferServer server, UnixSocket socket) {
        this.server = server;
        this.socket = socket;
    }

    /** Serves until the peer closes or cannot be written to. */
    void serve() {
        try {
            while (serveOne()) {
                // one request after the other
            }
        } catch (ErrnoException e) {
            ServerLog.report("connection lost: " + e.getMessage());
        } finally {
            socket.close();
        }
    }

    private boolean serveOne() throws ErrnoException {
        inbound.clear();
        try {
            if (socket.receive(inbound, 0).atEnd()) {
                return false;
            }
        } catch (ErrnoException e) {
            if (e.is(Errno.EMSGSIZE) || e.is(Errno.EPROTO)) {
                fail(e.errno()); // too large, or with descriptors: refused whole
                return send();
            }
            throw e;
        }
        if (answer(inbound.flip())) {
            return send();
        }
        return true;
    }

    /** Sends the reply with its donation. A peer that is gone ends the connection without noise. */
    private boolean send() throws ErrnoException {
        HostFd beside = donation;
        donation = null;
        try (beside) {
            if (beside == null) {
                socket.send(outbound.packet());
            } else {
                socket.send(outbound.packet(), beside.number());
            }
            return true;
        } catch (ErrnoException e) {
            if (e.is(Errno.EPIPE) || e.is(Errno.ECONNRESET)) {
                return false;
            }
            throw e;
        }
    }

    /** Builds the reply; false when the request has none. */
    private boolean answer(ByteBuffer packet) {
        try {
            Request request = Request.readFrom(new MessageReader(packet));
            if (request instanceof Request.Release release) {
                server.table.release(release.nodes());
                return false;
            }
            handle(request).writeTo(outbound);
        } catch (ProtocolException e) {
            fail(Errno.EPROTO);
        } catch (ErrnoException e) {
            fail(e.errno());
        } catch (RuntimeException e) {
            ServerLog.report("request failed: " + e);
            fail(Errno.EIO);
        }
        return true;
    }

    private void fail(Errno errno) {
        if (donation != null) {
            donation.close();
            donation = null;
        }
        Reply.writeFailure(outbound, errno.number());
    }

    /** A switch over numbers: one over types costs several milliseconds at its first use. */
    private Reply handle(Request r) throws ErrnoException {
        return switch (r.operation()) {
            case Request.Attach.OPERATION -> server.attach((Request.Attach) r);
            case Request.OpenChannel.OPERATION -> openChannel();
            case Request.Walk.OPERATION -> server.tree.walk((Request.Walk) r);
            case Request.WalkStat.OPERATION -> server.tree.walkStat((Request.WalkStat) r);
            case Request.GetAttributes.OPERATION ->
                    server.files.getAttributes((Request.GetAttributes) r);
            case Request.SetAttributes.OPERATION ->
                    server.files.setAttributes((Request.SetAttributes) r);
            case Request.Open.OPERATION -> open((Request.Open) r);
            case Request.Create.OPERATION -> create((Request.Create) r);
            case Request.Read.OPERATION -> server.files.read((Request.Read) r, room);
            case Request.Write.OPERATION -> server.files.write((Request.Write) r);
            case Request.ReadDirectory.OPERATION ->
                    server.files.readDirectory((Request.ReadDirectory) r, room);
            case Request.ReadLink.OPERATION -> server.files.readLink((Request.ReadLink) r);
            case Request.MakeDirectory.OPERATION ->
                    server.tree.makeDirectory((Request.MakeDirectory) r);
            case Request.MakeNode.OPERATION -> server.tree.makeNode((Request.MakeNode) r);
            case Request.MakeSymlink.OPERATION -> server.tree.makeSymlink((Request.MakeSymlink) r);
            case Request.Link.OPERATION -> server.tree.link((Request.Link) r);
            case Request.Unlink.OPERATION -> server.tree.unlink((Request.Unlink) r);
            case Request.Rename.OPERATION -> server.tree.rename((Request.Rename) r);
            case Request.StatFileSystem.OPERATION ->
                    server.files.statFileSystem((Request.StatFileSystem) r);
            case Request.Sync.OPERATION -> server.files.sync((Request.Sync) r);
            case Request.Flush.OPERATION -> server.files.flush((Request.Flush) r);
            case Request.GetXattr.OPERATION -> server.xattrs.get((Request.GetXattr) r);
            case Request.SetXattr.OPERATION -> server.xattrs.set((Request.SetXattr) r);
            case Request.ListXattr.OPERATION -> server.xattrs.list((Request.ListXattr) r);
            case Request.RemoveXattr.OPERATION -> server.xattrs.remove((Request.RemoveXattr) r);
            default -> throw new AssertionError("operation " + r.operation());
        };
    }

    private Reply openChannel() throws ErrnoException {
        donation = server.openConnection();
        return new Reply.Done();
    }

    private Reply open(Request.Open r) throws ErrnoException {
        try (Held node = server.table.node(r.node())) {
            HostFd file = server.files.open(node, r.flags());
            if (r.donate() && node.isRegular()) {
                donation = file;
                return new Reply.Opened(Reply.Opened.DONATED);
            }
            return new Reply.Opened(server.files.keep(node, file));
        }
    }

    private Reply create(Request.Create r) throws ErrnoException {
        try (Held directory = server.tree.writableDirectory(r.directory())) {
            FileOperations.NewFile made = server.files.create(directory, r);
            if (r.donate()) {
                donation = made.file();
                return new Reply.Created(made.node(), Reply.Opened.DONATED);
            }
            return new Reply.Created(made.node(), server.files.keepFile(directory, made.file()));
        }
    }
}
