package dev.runsc.gofer.server;

import static dev.runsc.gofer.abi.AtFlags.AT_EMPTY_PATH;
import static dev.runsc.gofer.abi.OpenFlags.O_ACCMODE;
import static dev.runsc.gofer.abi.OpenFlags.O_CREAT;
import static dev.runsc.gofer.abi.OpenFlags.O_DIRECT;
import static dev.runsc.gofer.abi.OpenFlags.O_DIRECTORY;
import static dev.runsc.gofer.abi.OpenFlags.O_DSYNC;
import static dev.runsc.gofer.abi.OpenFlags.O_EXCL;
import static dev.runsc.gofer.abi.OpenFlags.O_NOATIME;
import static dev.runsc.gofer.abi.OpenFlags.O_NOFOLLOW;
import static dev.runsc.gofer.abi.OpenFlags.O_NONBLOCK;
import static dev.runsc.gofer.abi.OpenFlags.O_PATH;
import static dev.runsc.gofer.abi.OpenFlags.O_RDONLY;
import static dev.runsc.gofer.abi.OpenFlags.O_SYNC;
import static dev.runsc.gofer.abi.OpenFlags.O_TRUNC;
import static dev.runsc.gofer.abi.OpenFlags.O_WRONLY;

import dev.runsc.gofer.abi.Dirent64;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.gofer.protocol.AttributeChange;
import dev.runsc.gofer.protocol.Limits;
import dev.runsc.gofer.protocol.NodeAttributes;
import dev.runsc.gofer.protocol.Reply;
import dev.runsc.gofer.protocol.Request;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Requests about one node or handle: attributes, opening, content, listing. */
final class FileOperations {
    /** What a kernel may ask for. */
    private static final int OPEN_KNOWN =
            O_ACCMODE | O_TRUNC | O_DIRECTORY | O_DIRECT | O_SYNC | O_DSYNC | O_NOATIME;

    /** {@code struct linux_dirent64} of the longest name. */
    private static final int LARGEST_ENTRY = Dirent64.recordBytes(Limits.NAME_BYTES);

    private final HeldTable table;
    private final NodeAccess access;
    private final TreeOperations tree;

    FileOperations(HeldTable table, NodeAccess access, TreeOperations tree) {
        this.table = table;
        this.access = access;
        this.tree = tree;
    }

    /** A file that has just been made: open, and as a node. */
    record NewFile(HostFd file, Reply.Node node) {}

    Reply.Attributes getAttributes(Request.GetAttributes request) throws ErrnoException {
        List<NodeAttributes> all = new ArrayList<>();
        for (long number : request.nodes()) {
            try (Held node = table.node(number)) {
                all.add(access.attributes(node.fd()));
            }
        }
        return new Reply.Attributes(all);
    }

    /** In the order that lets each change last: a new size or owner clears set-id bits. */
    Reply.Attributes setAttributes(Request.SetAttributes request) throws ErrnoException {
        AttributeChange change = request.change();
        try (Held node = table.node(request.node())) {
            node.requireWritable();
            if (change.has(AttributeChange.SIZE)) {
                truncate(node, change.size());
            }
            if (change.has(AttributeChange.UID) || change.has(AttributeChange.GID)) {
                int uid = change.has(AttributeChange.UID) ? change.uid() : -1;
                int gid = change.has(AttributeChange.GID) ? change.gid() : -1;
                HostTree.fchownat(node.fd(), NodeAccess.EMPTY, uid, gid, AT_EMPTY_PATH);
            }
            if (change.has(AttributeChange.MODE)) {
                if (node.isLink()) {
                    throw Errno.EOPNOTSUPP.error();
                }
                HostTree.fchmodat(
                        access.descriptorsFd(),
                        access.entryOf(node.fd()),
                        change.mode() & ~FileMode.S_IFMT);
            }
            if (change.has(AttributeChange.ATIME) || change.has(AttributeChange.MTIME)) {
                Timespec omit = new Timespec(0, AttributeChange.UTIME_OMIT);
                HostTree.utimensat(
                        node.fd(),
                        NodeAccess.EMPTY,
                        change.has(AttributeChange.ATIME) ? change.atime() : omit,
                        change.has(AttributeChange.MTIME) ? change.mtime() : omit,
                        AT_EMPTY_PATH);
            }
            return new Reply.Attributes(List.of(access.attributes(node.fd())));
        }
    }

    private void truncate(Held node, long size) throws ErrnoException {
        if (!node.isRegular()) {
            throw (node.isDirectory() ? Errno.EISDIR : Errno.EINVAL).error();
        }
        try (HostFd file = access.reopen(node.fd(), O_WRONLY | O_NONBLOCK)) {
            HostFiles.ftruncate(file.number(), size);
        }
    }

    /** Opens what a node is, and nothing that would wait or act on being opened. */
    HostFd open(Held node, int flags) throws ErrnoException {
        if ((flags & ~OPEN_KNOWN) != 0 || (flags & O_ACCMODE) == O_ACCMODE) {
            throw Errno.EINVAL.error();
        }
        if ((flags & (O_ACCMODE | O_TRUNC)) != O_RDONLY) {
            node.requireWritable();
            if (node.isDirectory()) {
                throw Errno.EISDIR.error();
            }
        }
        if (node.isDirectory()) {
            return access.reopen(node.fd(), O_RDONLY | O_DIRECTORY);
        }
        if ((flags & O_DIRECTORY) != 0) {
            throw Errno.ENOTDIR.error();
        }
        if (!node.isRegular()) {
            throw (node.isLink() ? Errno.ELOOP : Errno.ENXIO).error();
        }
        return access.reopen(node.fd(), flags | O_NONBLOCK);
    }

    /** Keeps an open file or directory and numbers it. */
    long keep(Held node, HostFd file) throws ErrnoException {
        Held.Kind kind = node.isDirectory() ? Held.Kind.DIRECTORY : Held.Kind.FILE;
        return table.add(new Held(kind, file, node.root, node.type));
    }

    /** Keeps a file that was made in {@code directory}. */
    long keepFile(Held directory, HostFd file) throws ErrnoException {
        return table.add(new Held(Held.Kind.FILE, file, directory.root, FileMode.S_IFREG));
    }

    /** Creates and opens; leaves nothing behind when a part of it fails. */
    NewFile create(Held directory, Request.Create r) throws ErrnoException {
        if ((r.flags() & ~OPEN_KNOWN) != 0 || (r.flags() & O_ACCMODE) == O_ACCMODE) {
            throw Errno.EINVAL.error();
        }
        int flags = r.flags() & ~(O_DIRECTORY | O_TRUNC) | O_CREAT | O_EXCL | O_NOFOLLOW;
        HostFd file = HostTree.openat(directory.fd(), r.name(), flags, r.mode() & 07777);
        try {
            tree.setOwner(file.number(), r.mode(), r.uid(), r.gid());
            HostFd node = access.reopen(file.number(), O_PATH);
            return new NewFile(file, tree.addNode(directory.root, node));
        } catch (ErrnoException e) {
            file.close();
            HostTree.unlinkat(directory.fd(), r.name(), 0);
            throw e;
        }
    }

    /** {@code room} is memory of the connection, valid until its reply is sent. */
    Reply.Data read(Request.Read r, ByteBuffer room) throws ErrnoException {
        if (r.length() < 0 || r.length() > Limits.DATA_BYTES || r.offset() < 0) {
            throw Errno.EINVAL.error();
        }
        try (Held file = table.use(r.handle(), Held.Kind.FILE)) {
            ByteBuffer target = room.clear().limit(r.length());
            HostFiles.pread(file.fd(), target, r.offset());
            return new Reply.Data(target.flip());
        }
    }

    /** The data must be copied: it lies in a buffer that is only looked at once. */
    Reply.Count write(Request.Write r) throws ErrnoException {
        if (r.offset() < 0) {
            throw Errno.EINVAL.error();
        }
        try (Held file = table.use(r.handle(), Held.Kind.FILE)) {
            file.requireWritable();
            return new Reply.Count(HostFiles.pwrite(file.fd(), r.data(), r.offset()));
        }
    }

    /** Lists without "." and "..", whose numbers are the kernel's to know. */
    Reply.Data readDirectory(Request.ReadDirectory r, ByteBuffer room) throws ErrnoException {
        if (r.length() < LARGEST_ENTRY || r.length() > Limits.DATA_BYTES || r.position() < 0) {
            throw Errno.EINVAL.error();
        }
        try (Held directory = table.use(r.handle(), Held.Kind.DIRECTORY)) {
            synchronized (directory) { // two connections may list it; the position is one
                HostFiles.lseek(directory.fd(), r.position(), SeekWhence.SEEK_SET);
                ByteBuffer batch = room.clear().limit(r.length());
                while (HostFiles.getdents64(directory.fd(), batch) > 0) {
                    ByteBuffer entries = withoutDots(batch.flip());
                    if (entries.hasRemaining()) {
                        return new Reply.Data(entries);
                    }
                    batch.clear().limit(r.length());
                }
                return new Reply.Data(batch.clear().limit(0));
            }
        }
    }

    /** Moves entries together over the ones that are dropped, in place. */
    private static ByteBuffer withoutDots(ByteBuffer batch) {
        ByteBuffer kept = batch.duplicate();
        kept.clear();
        while (batch.hasRemaining()) {
            int start = batch.position();
            byte[] name = Dirent64.readFrom(batch).name();
            boolean dots =
                    name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
            if (!dots) {
                kept.put(kept.position(), batch, start, batch.position() - start);
                kept.position(kept.position() + batch.position() - start);
            }
        }
        return kept.flip();
    }

    Reply.LinkTarget readLink(Request.ReadLink r) throws ErrnoException {
        try (Held node = table.node(r.node())) {
            if (!node.isLink()) {
                throw Errno.EINVAL.error();
            }
            return new Reply.LinkTarget(access.linkTarget(node.fd()));
        }
    }

    Reply.FileSystem statFileSystem(Request.StatFileSystem r) throws ErrnoException {
        try (Held node = table.node(r.node())) {
            return new Reply.FileSystem(HostFiles.fstatfs(node.fd()));
        }
    }

    Reply.Done sync(Request.Sync r) throws ErrnoException {
        try (Held file = handle(r.handle())) {
            if (r.dataOnly()) {
                HostFiles.fdatasync(file.fd());
            } else {
                HostFiles.fsync(file.fd());
            }
            return new Reply.Done();
        }
    }

    /** Linux tells the file system of each close(2) of a descriptor, so one is made and closed. */
    Reply.Done flush(Request.Flush r) throws ErrnoException {
        try (Held file = handle(r.handle())) {
            HostFd.duplicate(file.fd()).close();
            return new Reply.Done();
        }
    }

    private Held handle(long number) throws ErrnoException {
        try {
            return table.use(number, Held.Kind.FILE);
        } catch (ErrnoException e) {
            return table.use(number, Held.Kind.DIRECTORY);
        }
    }
}
