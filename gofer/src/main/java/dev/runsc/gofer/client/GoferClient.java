package dev.runsc.gofer.client;

import dev.runsc.gofer.abi.ByteText;
import dev.runsc.gofer.abi.Dirent64;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Statfs;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.protocol.AttributeChange;
import dev.runsc.gofer.protocol.Limits;
import dev.runsc.gofer.protocol.MessageReader;
import dev.runsc.gofer.protocol.Names;
import dev.runsc.gofer.protocol.NodeAttributes;
import dev.runsc.gofer.protocol.ProtocolException;
import dev.runsc.gofer.protocol.Reply;
import dev.runsc.gofer.protocol.Request;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks a gofer. Every method may be called from any thread, waits for the answer, and fails with
 * the host's error, or EIO when the gofer is gone. An owner of -1 is left to the gofer.
 */
public final class GoferClient implements AutoCloseable {
    private final ChannelPool channels;

    /** Takes over a connected socket of SOCK_SEQPACKET. */
    public GoferClient(HostFd socket, GoferDeathListener listener) {
        channels = new ChannelPool(socket, listener);
        channels.start();
    }

    /** Ends the connection, and with it the gofer. Calls in progress fail with EIO. */
    @Override
    public void close() {
        channels.close();
    }

    // Nodes.

    /** The node of a mount root, by its place in the gofer's arguments. */
    public Reply.Attached attach(int root) throws ErrnoException {
        return call(new Request.Attach(root), Reply.Attached::readFields);
    }

    /**
     * Steps down by up to 64 names in one exchange. The nodes found are the caller's to release.
     */
    public WalkResult walk(long node, List<String> names) throws ErrnoException {
        return result(call(new Request.Walk(node, names(names)), Reply.Walked::readFields), names);
    }

    /** As {@link #walk}, but asks for attributes only: for checking what is cached. */
    public WalkResult walkStat(long node, List<String> names) throws ErrnoException {
        return result(
                call(new Request.WalkStat(node, names(names)), Reply.Walked::readFields), names);
    }

    private static WalkResult result(Reply.Walked walked, List<String> names)
            throws ErrnoException {
        if (walked.nodes().size() > names.size()) {
            throw Errno.EIO.error();
        }
        return new WalkResult(walked.end(), walked.nodes(), ByteText.of(walked.linkTarget()));
    }

    public NodeAttributes getAttributes(long node) throws ErrnoException {
        return getAttributes(List.of(node)).getFirst();
    }

    /** Attributes of up to 256 nodes in one exchange, in their order. */
    public List<NodeAttributes> getAttributes(List<Long> nodes) throws ErrnoException {
        return call(new Request.GetAttributes(nodes), in -> attributes(in, nodes.size()));
    }

    /** Returns the attributes afterwards. */
    public NodeAttributes setAttributes(long node, AttributeChange change) throws ErrnoException {
        return call(new Request.SetAttributes(node, change), in -> attributes(in, 1)).getFirst();
    }

    private static List<NodeAttributes> attributes(MessageReader in, int count)
            throws ProtocolException {
        List<NodeAttributes> all = Reply.Attributes.readFields(in).all();
        if (all.size() != count) {
            throw new ProtocolException("attributes of " + all.size() + " nodes");
        }
        return all;
    }

    public Statfs statFileSystem(long node) throws ErrnoException {
        return call(new Request.StatFileSystem(node), Reply.FileSystem::readFields).statfs();
    }

    /** The target of a symbolic link, a byte text. */
    public String readLink(long node) throws ErrnoException {
        return ByteText.of(call(new Request.ReadLink(node), Reply.LinkTarget::readFields).target());
    }

    /** Gives up nodes and handles without waiting. Numbers that mean nothing are passed over. */
    public void release(List<Long> numbers) {
        for (int start = 0; start < numbers.size(); start += Limits.NODES) {
            int end = Math.min(start + Limits.NODES, numbers.size());
            channels.send(new Request.Release(List.copyOf(numbers.subList(start, end))));
        }
    }

    public void release(long number) {
        channels.send(new Request.Release(List.of(number)));
    }

    // Files.

    /**
     * Opens a regular file or a directory. Regular files are donated; {@code flags} are an access
     * mode, O_TRUNC, O_DIRECTORY, O_DIRECT, O_SYNC, O_DSYNC, O_NOATIME.
     */
    public OpenedFile open(long node, int flags) throws ErrnoException {
        return open(node, flags, true);
    }

    /** As {@link #open(long, int)}; a regular file stays at the gofer unless {@code donate}. */
    public OpenedFile open(long node, int flags, boolean donate) throws ErrnoException {
        return channels.call(
                new Request.Open(node, flags, donate),
                (in, donated) -> opened(Reply.Opened.readFields(in).handle(), donated));
    }

    /**
     * A new regular file.
     *
     * @param node to be released
     */
    public record Created(Reply.Node node, OpenedFile file) {}

    /** Creates a regular file and opens it; EEXIST when there is such an entry. */
    public Created create(long directory, String name, int flags, int mode, int uid, int gid)
            throws ErrnoException {
        return channels.call(
                new Request.Create(directory, name(name), flags, mode, uid, gid, true),
                (in, donated) -> {
                    Reply.Created created = Reply.Created.readFields(in);
                    return new Created(created.node(), opened(created.handle(), donated));
                });
    }

    private static OpenedFile opened(long handle, @Nullable HostFd donated)
            throws ProtocolException {
        if ((handle == Reply.Opened.DONATED) != (donated != null)) {
            throw new ProtocolException("donation and handle disagree");
        }
        return donated != null ? new OpenedFile.Donated(donated) : new OpenedFile.Kept(handle);
    }

    /** Reads from a kept file into what remains of a buffer, at most 64 KiB; 0 at the end. */
    public int read(long handle, long offset, ByteBuffer target) throws ErrnoException {
        int most = Math.min(target.remaining(), Limits.DATA_BYTES);
        return call(
                new Request.Read(handle, offset, most),
                in -> {
                    ByteBuffer data = Reply.Data.readFields(in).data();
                    if (data.remaining() > most) {
                        throw new ProtocolException("more data than asked for");
                    }
                    int count = data.remaining();
                    target.put(data);
                    return count;
                });
    }

    /** Writes what remains of a buffer, at most 64 KiB of it, to a kept file. */
    public int write(long handle, long offset, ByteBuffer source) throws ErrnoException {
        ByteBuffer piece = source.slice();
        piece.limit(Math.min(piece.limit(), Limits.DATA_BYTES));
        int count =
                call(
                        new Request.Write(handle, offset, piece),
                        in -> {
                            int bytes = Reply.Count.readFields(in).bytes();
                            if (bytes < 0 || bytes > piece.remaining()) {
                                throw new ProtocolException("wrote " + bytes + " bytes");
                            }
                            return bytes;
                        });
        source.position(source.position() + count);
        return count;
    }

    /**
     * Entries of a directory handle from a position on, without "." and "..": as many as one
     * exchange holds, none at the end. The first position is 0, then that of the last entry.
     */
    public List<DirectoryEntry> readDirectory(long handle, long position) throws ErrnoException {
        return call(
                new Request.ReadDirectory(handle, position, Limits.DATA_BYTES),
                in -> entries(Reply.Data.readFields(in).data()));
    }

    private static List<DirectoryEntry> entries(ByteBuffer data) throws ProtocolException {
        List<DirectoryEntry> entries = new ArrayList<>();
        while (data.hasRemaining()) {
            Dirent64 entry;
            try {
                entry = Dirent64.readFrom(data);
            } catch (IllegalArgumentException e) {
                throw new ProtocolException(String.valueOf(e.getMessage()));
            }
            if (!Names.isLegal(entry.name())) {
                throw new ProtocolException("illegal name in a directory");
            }
            entries.add(
                    new DirectoryEntry(
                            entry.ino(), entry.offset(), entry.type(), ByteText.of(entry.name())));
        }
        return entries;
    }

    /** fsync(2) or fdatasync(2) of a handle. */
    public void sync(long handle, boolean dataOnly) throws ErrnoException {
        call(new Request.Sync(handle, dataOnly), Reply.Done::readFields);
    }

    /** What close(2) tells a file system: errors of writes that were put off come out here. */
    public void flush(long handle) throws ErrnoException {
        call(new Request.Flush(handle), Reply.Done::readFields);
    }

    // Names.

    public Reply.Node makeDirectory(long directory, String name, int mode, int uid, int gid)
            throws ErrnoException {
        return call(
                new Request.MakeDirectory(directory, name(name), mode, uid, gid),
                Reply.Node::readFields);
    }

    /** A regular file, FIFO or socket, by the type in {@code mode}; EPERM for a device. */
    public Reply.Node makeNode(long directory, String name, int mode, int uid, int gid)
            throws ErrnoException {
        return call(
                new Request.MakeNode(directory, name(name), mode, uid, gid),
                Reply.Node::readFields);
    }

    public Reply.Node makeSymlink(long directory, String name, String target, int uid, int gid)
            throws ErrnoException {
        return call(
                new Request.MakeSymlink(directory, name(name), path(target), uid, gid),
                Reply.Node::readFields);
    }

    /** Another name for a node; EXDEV across mount roots. */
    public void link(long node, long directory, String name) throws ErrnoException {
        call(new Request.Link(node, directory, name(name)), Reply.Done::readFields);
    }

    /** unlink(2), or rmdir(2) if {@code isDirectory}. */
    public void unlink(long directory, String name, boolean isDirectory) throws ErrnoException {
        call(new Request.Unlink(directory, name(name), isDirectory), Reply.Done::readFields);
    }

    /** {@code flags} are RENAME_NOREPLACE, RENAME_EXCHANGE; EXDEV across mount roots. */
    public void rename(
            long oldDirectory, String oldName, long newDirectory, String newName, int flags)
            throws ErrnoException {
        call(
                new Request.Rename(oldDirectory, name(oldName), newDirectory, name(newName), flags),
                Reply.Done::readFields);
    }

    // Extended attributes, of the user family.

    public byte[] getXattr(long node, String name) throws ErrnoException {
        return call(new Request.GetXattr(node, path(name)), GoferClient::copy);
    }

    /** {@code flags} are 0, XATTR_CREATE or XATTR_REPLACE. */
    public void setXattr(long node, String name, byte[] value, int flags) throws ErrnoException {
        if (value.length > Limits.XATTR_BYTES) {
            throw Errno.E2BIG.error();
        }
        ByteBuffer data = ByteBuffer.wrap(value);
        call(new Request.SetXattr(node, path(name), data, flags), Reply.Done::readFields);
    }

    /** The names, each with a zero behind it, as listxattr(2) gives them. */
    public byte[] listXattr(long node) throws ErrnoException {
        return call(new Request.ListXattr(node), GoferClient::copy);
    }

    public void removeXattr(long node, String name) throws ErrnoException {
        call(new Request.RemoveXattr(node, path(name)), Reply.Done::readFields);
    }

    private static byte[] copy(MessageReader in) throws ProtocolException {
        ByteBuffer data = Reply.Data.readFields(in).data();
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }

    /** A decoder of replies that bring no descriptor. */
    private interface PlainDecoder<T> {
        T decode(MessageReader in) throws ProtocolException;
    }

    private <T> T call(Request request, PlainDecoder<T> decoder) throws ErrnoException {
        return channels.call(
                request,
                (in, donated) -> {
                    if (donated != null) {
                        throw new ProtocolException("a descriptor nobody asked for");
                    }
                    return decoder.decode(in);
                });
    }

    private static byte[] path(String text) throws ErrnoException {
        if (text.length() >= Limits.PATH_BYTES) {
            throw Errno.ENAMETOOLONG.error();
        }
        return ByteText.bytes(text);
    }

    /** Names that Linux refuses are refused here, with its errors, and never reach the gofer. */
    private static byte[] name(String text) throws ErrnoException {
        if (text.length() > Limits.NAME_BYTES) {
            throw Errno.ENAMETOOLONG.error();
        }
        byte[] name = ByteText.bytes(text);
        if (!Names.isLegal(name)) {
            throw Errno.EINVAL.error();
        }
        return name;
    }

    private static List<byte[]> names(List<String> names) throws ErrnoException {
        if (names.size() > Limits.WALK_NAMES) {
            throw new IllegalArgumentException("a walk of " + names.size() + " names");
        }
        List<byte[]> all = new ArrayList<>();
        for (String name : names) {
            all.add(name(name));
        }
        return all;
    }
}
