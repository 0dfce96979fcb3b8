package dev.runsc.gofer.server;

import static dev.runsc.gofer.abi.AtFlags.AT_EMPTY_PATH;
import static dev.runsc.gofer.abi.AtFlags.AT_REMOVEDIR;
import static dev.runsc.gofer.abi.AtFlags.AT_SYMLINK_FOLLOW;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.RenameFlags;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.gofer.protocol.NodeAttributes;
import dev.runsc.gofer.protocol.Reply;
import dev.runsc.gofer.protocol.Request;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Requests about names: walking, making, linking, renaming, removing. */
final class TreeOperations {
    private static final int PERMISSIONS = 07777;
    private static final int SET_ID_BITS = FileMode.S_ISUID | FileMode.S_ISGID;
    private static final int RENAME_KNOWN =
            RenameFlags.RENAME_NOREPLACE | RenameFlags.RENAME_EXCHANGE;

    private final HeldTable table;
    private final NodeAccess access;

    TreeOperations(HeldTable table, NodeAccess access) {
        this.table = table;
        this.access = access;
    }

    /** Walks and keeps the nodes, or none of them if the walk fails. */
    Reply.Walked walk(Request.Walk request) throws ErrnoException {
        List<Long> kept = new ArrayList<>();
        try (Held start = table.node(request.node())) {
            return walk(start, request.names(), kept, true);
        } catch (ErrnoException e) {
            table.release(kept);
            throw e;
        }
    }

    Reply.Walked walkStat(Request.WalkStat request) throws ErrnoException {
        try (Held start = table.node(request.node())) {
            return walk(start, request.names(), new ArrayList<>(), false);
        }
    }

    private Reply.Walked walk(Held start, List<byte[]> names, List<Long> kept, boolean keep)
            throws ErrnoException {
        List<Reply.Node> found = new ArrayList<>();
        Held current = start;
        try {
            for (byte[] name : names) {
                if (!current.isDirectory()) {
                    return current.isLink()
                            ? walked(Reply.WalkEnd.SYMLINK, found, current)
                            : walked(Reply.WalkEnd.NOT_DIRECTORY, found, current);
                }
                HostFd fd = findEntry(current, name);
                if (fd == null) {
                    return walked(Reply.WalkEnd.MISSING, found, start);
                }
                NodeAttributes attributes = attributesOrClose(fd);
                Held next = new Held(Held.Kind.NODE, fd, current.root, attributes.mode());
                if (current != start) {
                    current.close();
                }
                current = next;
                long number = 0;
                if (keep && next.retain()) {
                    number = table.add(next);
                    kept.add(number);
                }
                found.add(new Reply.Node(number, attributes));
            }
            return walked(Reply.WalkEnd.COMPLETE, found, current);
        } finally {
            if (current != start) {
                current.close();
            }
        }
    }

    /** The reply; a link at the end tells its target, which spares the kernel a question. */
    private Reply.Walked walked(Reply.WalkEnd end, List<Reply.Node> found, Held last)
            throws ErrnoException {
        boolean link = last.isLink() && !found.isEmpty();
        return new Reply.Walked(end, found, link ? access.linkTarget(last.fd()) : NodeAccess.EMPTY);
    }

    /** The entry, or null when there is none. */
    private @Nullable HostFd findEntry(Held directory, byte[] name) throws ErrnoException {
        try {
            return access.step(directory.fd(), name);
        } catch (ErrnoException e) {
            if (e.is(Errno.ENOENT)) {
                return null;
            }
            throw e;
        }
    }

    private NodeAttributes attributesOrClose(HostFd fd) throws ErrnoException {
        try {
            return access.attributes(fd.number());
        } catch (ErrnoException e) {
            fd.close();
            throw e;
        }
    }

    Reply.Node makeDirectory(Request.MakeDirectory r) throws ErrnoException {
        try (Held directory = writableDirectory(r.directory())) {
            HostTree.mkdirat(directory.fd(), r.name(), r.mode() & PERMISSIONS);
            return adopt(directory, r.name(), r.mode(), r.uid(), r.gid(), AT_REMOVEDIR);
        }
    }

    /** FIFOs and sockets only have a place in the tree here; the kernel gives them their life. */
    Reply.Node makeNode(Request.MakeNode r) throws ErrnoException {
        int type = r.mode() & FileMode.S_IFMT;
        if (type != FileMode.S_IFREG && type != FileMode.S_IFIFO && type != FileMode.S_IFSOCK) {
            throw Errno.EPERM.error();
        }
        try (Held directory = writableDirectory(r.directory())) {
            HostTree.mknodat(directory.fd(), r.name(), type | (r.mode() & PERMISSIONS), 0);
            return adopt(directory, r.name(), r.mode(), r.uid(), r.gid(), 0);
        }
    }

    Reply.Node makeSymlink(Request.MakeSymlink r) throws ErrnoException {
        if (r.target().length == 0) {
            throw Errno.ENOENT.error();
        }
        try (Held directory = writableDirectory(r.directory())) {
            HostTree.symlinkat(r.target(), directory.fd(), r.name());
            return adopt(directory, r.name(), 0, r.uid(), r.gid(), 0);
        }
    }

    /** Gives a new entry its owner and makes it a node; takes it away again when that fails. */
    private Reply.Node adopt(
            Held directory, byte[] name, int mode, int uid, int gid, int removeFlags)
            throws ErrnoException {
        try (HostFd fd = access.step(directory.fd(), name)) {
            setOwner(fd.number(), mode, uid, gid);
            return addNode(directory.root, HostFd.own(fd.release()));
        } catch (ErrnoException e) {
            HostTree.unlinkat(directory.fd(), name, removeFlags);
            throw e;
        }
    }

    /** Sets owners that are not -1, and the set-id bits that this clears. */
    void setOwner(int fd, int mode, int uid, int gid) throws ErrnoException {
        if (uid == -1 && gid == -1) {
            return;
        }
        HostTree.fchownat(fd, NodeAccess.EMPTY, uid, gid, AT_EMPTY_PATH);
        if ((mode & SET_ID_BITS) != 0) {
            HostTree.fchmodat(access.descriptorsFd(), access.entryOf(fd), mode & PERMISSIONS);
        }
    }

    /** Numbers a descriptor of O_PATH, which becomes the table's. */
    Reply.Node addNode(ServedRoot root, HostFd fd) throws ErrnoException {
        NodeAttributes attributes = attributesOrClose(fd);
        Held held = new Held(Held.Kind.NODE, fd, root, attributes.mode());
        return new Reply.Node(table.add(held), attributes);
    }

    Reply.Done link(Request.Link r) throws ErrnoException {
        try (Held node = table.node(r.node());
                Held directory = writableDirectory(r.directory())) {
            requireSameRoot(node, directory);
            // The entry in /proc/self/fd is followed to the object, which needs no capability.
            HostTree.linkat(
                    access.descriptorsFd(),
                    access.entryOf(node.fd()),
                    directory.fd(),
                    r.name(),
                    AT_SYMLINK_FOLLOW);
            return new Reply.Done();
        }
    }

    Reply.Done unlink(Request.Unlink r) throws ErrnoException {
        try (Held directory = writableDirectory(r.directory())) {
            HostTree.unlinkat(directory.fd(), r.name(), r.isDirectory() ? AT_REMOVEDIR : 0);
            return new Reply.Done();
        }
    }

    Reply.Done rename(Request.Rename r) throws ErrnoException {
        if ((r.flags() & ~RENAME_KNOWN) != 0) {
            throw Errno.EINVAL.error();
        }
        try (Held from = writableDirectory(r.oldDirectory());
                Held to = writableDirectory(r.newDirectory())) {
            requireSameRoot(from, to);
            HostTree.renameat2(from.fd(), r.oldName(), to.fd(), r.newName(), r.flags());
            return new Reply.Done();
        }
    }

    Held writableDirectory(long number) throws ErrnoException {
        Held directory = table.node(number);
        try {
            directory.requireDirectory();
            directory.requireWritable();
            return directory;
        } catch (ErrnoException e) {
            directory.close();
            throw e;
        }
    }

    /** A node of a read-only root must not get a name below a writable one. */
    private static void requireSameRoot(Held one, Held other) throws ErrnoException {
        if (!one.root.equals(other.root)) {
            throw Errno.EXDEV.error();
        }
    }
}
