package dev.runsc.kernel.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.RenameFlags;
import dev.runsc.gofer.client.DirectoryEntry;
import dev.runsc.gofer.client.GoferClient;
import dev.runsc.gofer.client.OpenedFile;
import dev.runsc.gofer.client.WalkResult;
import dev.runsc.gofer.protocol.NodeAttributes;
import dev.runsc.gofer.protocol.Reply;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.ListedEntry;
import dev.runsc.kernel.vfs.ListingFile;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.NewInode;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A directory. */
final class GoferDirectory extends GoferInode {
    /** Missing names kept per directory. */
    private static final int MAX_MISSING = 1024;

    private static final int SWEEP_FROM = 64;

    /** Inodes in use by name; what is not in use goes away. */
    @GuardedBy("lock")
    private transient @Nullable HashMap<String, WeakReference<GoferInode>> children;

    @GuardedBy("lock")
    private transient int sweepAt;

    /** Names known not to be there, oldest first; exclusive mounts only. */
    @GuardedBy("lock")
    private transient @Nullable LinkedHashSet<String> missing;

    GoferDirectory(
            GoferFileSystem fileSystem,
            @Nullable GoferDirectory parent,
            String name,
            NodeAttributes attributes) {
        super(fileSystem, parent, name, attributes);
    }

    private GoferClient client() {
        return fileSystem().client();
    }

    // Finding.

    /** Walks to an entry; null when it is not there. The node is the caller's to release. */
    Reply.@Nullable Node walkTo(String name) throws ErrnoException {
        long pinned = pin();
        try {
            return single(client().walk(pinned, List.of(name)));
        } finally {
            unpin();
        }
    }

    @Override
    public @Nullable Inode lookup(Caller caller, String name) throws ErrnoException {
        if (isRemoved()) {
            return null;
        }
        boolean exclusive = !fileSystem().isShared();
        if (exclusive) {
            GoferInode known = findKnown(name);
            if (known != null) {
                return known;
            }
            if (isMissing(name)) {
                return null;
            }
        }
        WalkResult result;
        long pinned = pin();
        try {
            result = client().walk(pinned, List.of(name));
        } finally {
            unpin();
        }
        Reply.Node node = single(result);
        if (node == null) {
            if (exclusive) {
                noteMissing(name);
            }
            return null;
        }
        return adopt(name, node, result.linkTarget());
    }

    /** The inode for a node just found under a name. */
    private GoferInode adopt(String name, Reply.Node node, String linkTarget) {
        GoferInode known = findKnown(name);
        if (known != null && known.isSame(node.attributes())) {
            known.adoptNode(node);
            return known;
        }
        GoferInode inode = fileSystem().findLinked(node.attributes());
        if (inode != null) {
            inode.adoptNode(node);
            inode.alsoNamed(this, name);
        } else {
            inode = fileSystem().newInode(this, name, node, linkTarget);
        }
        remember(name, inode);
        return inode;
    }

    @Override
    public boolean stillNames(Caller caller, String name, Inode child) throws ErrnoException {
        if (isRemoved()) {
            return false;
        }
        Reply.Node now;
        long pinned = pin();
        try {
            now = single(client().walkStat(pinned, List.of(name)));
        } finally {
            unpin();
        }
        if (now == null
                || !(child instanceof GoferInode inode)
                || !inode.isSame(now.attributes())) {
            return false;
        }
        inode.note(now.attributes());
        return true;
    }

    private @Nullable GoferInode findKnown(String name) {
        lock.lock();
        try {
            WeakReference<GoferInode> reference = children == null ? null : children.get(name);
            return reference == null ? null : reference.get();
        } finally {
            lock.unlock();
        }
    }

    private void remember(String name, GoferInode inode) {
        lock.lock();
        try {
            HashMap<String, WeakReference<GoferInode>> map = children;
            if (map == null) {
                map = new HashMap<>();
                children = map;
            }
            map.put(name, new WeakReference<>(inode));
            if (map.size() > Math.max(sweepAt, SWEEP_FROM)) {
                map.values().removeIf(reference -> reference.get() == null);
                sweepAt = map.size() * 2;
            }
            if (missing != null) {
                missing.remove(name);
            }
        } finally {
            lock.unlock();
        }
    }

    private void forget(String name) {
        lock.lock();
        try {
            if (children != null) {
                children.remove(name);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isMissing(String name) {
        lock.lock();
        try {
            return missing != null && missing.contains(name);
        } finally {
            lock.unlock();
        }
    }

    private void noteMissing(String name) {
        lock.lock();
        try {
            LinkedHashSet<String> names = missing;
            if (names == null) {
                names = new LinkedHashSet<>();
                missing = names;
            }
            if (names.size() >= MAX_MISSING) {
                names.removeFirst();
            }
            names.add(name);
        } finally {
            lock.unlock();
        }
    }

    /** Takes back an inode of an image under its name. */
    void enroll(String name, GoferInode inode) {
        remember(name, inode);
    }

    /** Makes an entry anew, empty, when it is gone. */
    void restoreEntry(String name, GoferInode child) throws ErrnoException {
        Reply.Node node = walkTo(name);
        if (node == null) {
            int mode = child.mode() & 07777;
            long pinned = pin();
            try {
                node =
                        child.isDirectory()
                                ? client().makeDirectory(
                                                pinned,
                                                name,
                                                mode,
                                                user(child.uid()),
                                                group(child.gid()))
                                : client().makeNode(
                                                pinned,
                                                name,
                                                FileMode.S_IFREG | mode,
                                                user(child.uid()),
                                                group(child.gid()));
            } finally {
                unpin();
            }
        }
        if (((node.attributes().mode() ^ child.mode()) & FileMode.S_IFMT) != 0) {
            client().release(node.node());
            throw Errno.ESTALE.error();
        }
        child.adoptNode(node);
        fileSystem().cache().used(child);
    }

    // Listing.

    @Override
    public FileDescription open(Caller caller, Location location, int flags) {
        return new ListingFile(location, flags);
    }

    @Override
    public List<ListedEntry> listAll(Caller caller) throws ErrnoException {
        if (isRemoved()) {
            return List.of();
        }
        OpenedFile opened;
        long pinned = pin();
        try {
            opened = client().open(pinned, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
        } finally {
            unpin();
        }
        return switch (opened) {
            case OpenedFile.Kept kept -> {
                try {
                    yield read(kept.handle());
                } finally {
                    client().release(kept.handle());
                }
            }
            case OpenedFile.Donated donated -> {
                donated.fd().close();
                throw Errno.EIO.error();
            }
        };
    }

    private List<ListedEntry> read(long handle) throws ErrnoException {
        List<ListedEntry> all = new ArrayList<>();
        long position = 0;
        while (true) {
            long started = System.nanoTime();
            List<DirectoryEntry> some = client().readDirectory(handle, position);
            long bytes = 0;
            for (DirectoryEntry entry : some) {
                bytes += entry.name().length();
            }
            fileSystem().reads().gofer().add(bytes, started);
            if (some.isEmpty()) {
                return all;
            }
            for (DirectoryEntry entry : some) {
                all.add(new ListedEntry(entry.name(), entry.ino(), entry.type()));
            }
            position = some.getLast().nextPosition();
        }
    }

    // Changes; tree lock held.

    private int user(int shown) throws ErrnoException {
        return fileSystem().ids().storedUser(shown);
    }

    private int group(int shown) throws ErrnoException {
        return fileSystem().ids().storedGroup(shown);
    }

    @Override
    public Inode create(Caller caller, String name, NewInode wanted) throws ErrnoException {
        int mode = wanted.mode();
        Reply.Node node;
        long pinned = pin();
        try {
            node = client().makeNode(pinned, name, mode, user(wanted.uid()), group(wanted.gid()));
        } finally {
            unpin();
        }
        return made(name, node, "");
    }

    @Override
    public Inode makeDirectory(Caller caller, String name, NewInode wanted) throws ErrnoException {
        Reply.Node node;
        long pinned = pin();
        try {
            node =
                    client().makeDirectory(
                                    pinned,
                                    name,
                                    wanted.mode() & 07777,
                                    user(wanted.uid()),
                                    group(wanted.gid()));
        } finally {
            unpin();
        }
        return made(name, node, "");
    }

    @Override
    public Inode makeSymlink(Caller caller, String name, String target, NewInode wanted)
            throws ErrnoException {
        Reply.Node node;
        long pinned = pin();
        try {
            node =
                    client().makeSymlink(
                                    pinned, name, target, user(wanted.uid()), group(wanted.gid()));
        } finally {
            unpin();
        }
        return made(name, node, target);
    }

    private GoferInode made(String name, Reply.Node node, String linkTarget) {
        forgetAttributes();
        GoferInode inode = fileSystem().newInode(this, name, node, linkTarget);
        remember(name, inode);
        return inode;
    }

    @Override
    public void link(Caller caller, String name, Inode target) throws ErrnoException {
        GoferInode file = (GoferInode) target;
        long targetNode = file.pin();
        try {
            long pinned = pin();
            try {
                client().link(targetNode, pinned, name);
            } finally {
                unpin();
            }
        } finally {
            file.unpin();
        }
        file.forgetAttributes();
        forgetAttributes();
        file.alsoNamed(this, name);
        fileSystem().enroll(file);
        remember(name, file);
    }

    @Override
    public void unlink(Caller caller, String name, Inode victim) throws ErrnoException {
        remove(name, (GoferInode) victim, false);
    }

    @Override
    public void removeDirectory(Caller caller, String name, Inode victim) throws ErrnoException {
        remove(name, (GoferInode) victim, true);
    }

    private void remove(String name, GoferInode victim, boolean directory) throws ErrnoException {
        // A file in use must have its descriptor before its name is gone.
        victim.prepareRemoval();
        long pinned = pin();
        try {
            client().unlink(pinned, name, directory);
        } finally {
            unpin();
        }
        forgetAttributes();
        forget(name);
        victim.nameRemoved(this, name);
    }

    @Override
    public void rename(
            Caller caller,
            String oldName,
            Inode moved,
            Inode newDirectory,
            String newName,
            @Nullable Inode replaced,
            int flags)
            throws ErrnoException {
        if ((flags & RenameFlags.RENAME_WHITEOUT) != 0) {
            throw Errno.EINVAL.error();
        }
        boolean exchange = (flags & RenameFlags.RENAME_EXCHANGE) != 0;
        GoferDirectory target = (GoferDirectory) newDirectory;
        GoferInode file = (GoferInode) moved;
        GoferInode other = (GoferInode) replaced;
        if (other != null && !exchange) {
            other.prepareRemoval();
        }
        long pinned = pin();
        try {
            long targetNode = target.pin();
            try {
                client().rename(pinned, oldName, targetNode, newName, flags);
            } finally {
                target.unpin();
            }
        } finally {
            unpin();
        }
        forgetAttributes();
        target.forgetAttributes();
        file.forgetAttributes();
        forget(oldName);
        if (other != null) {
            if (exchange) {
                other.forgetAttributes();
                other.renamed(target, newName, this, oldName);
                remember(oldName, other);
            } else {
                other.nameRemoved(target, newName);
            }
        }
        file.renamed(this, oldName, target, newName);
        target.remember(newName, file);
    }
}
