package dev.runsc.kernel.fs.tmpfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.RenameFlags;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.DirectoryFile;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.NewInode;
import dev.runsc.kernel.vfs.RawName;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A directory. Entries have positions that rise in order of creation and never change (Linux
 * simple_offset).
 */
public final class TmpfsDirectory extends TmpfsInode {
    /** What Linux counts per entry in a directory's size (BOGO_DIRENT_SIZE). */
    private static final int ENTRY_SIZE = 20;

    /** Positions 0 and 1 are "." and "..". */
    private static final long FIRST_POSITION = 2;

    /**
     * A name in a directory.
     *
     * @param name raw bytes
     * @param inode what it names
     * @param position its place in listings
     */
    record Entry(String name, Inode inode, long position) implements Savable {}

    @GuardedBy("lock")
    private final HashMap<String, Entry> entries = new HashMap<>();

    /** The same entries by position; made when first listed. */
    @GuardedBy("lock")
    private transient @Nullable TreeMap<Long, Entry> order;

    @GuardedBy("lock")
    private long nextPosition = FIRST_POSITION;

    TmpfsDirectory(TmpfsFileSystem fileSystem, NewInode attributes) {
        super(fileSystem, attributes, 2);
    }

    @Override
    public long size() {
        lock.lock();
        try {
            return (long) (entries.size() + 2) * ENTRY_SIZE;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) {
        return new DirectoryFile(location, flags);
    }

    @Override
    public @Nullable Inode lookup(Caller caller, String name) {
        return find(name);
    }

    /** An entry's inode, or null. */
    public @Nullable Inode find(String name) {
        lock.lock();
        try {
            Entry entry = entries.get(name);
            return entry == null ? null : entry.inode;
        } finally {
            lock.unlock();
        }
    }

    /** How many entries there are. */
    public int count() {
        lock.lock();
        try {
            return entries.size();
        } finally {
            lock.unlock();
        }
    }

    /** The names, in order of creation. */
    public List<String> names() {
        lock.lock();
        try {
            List<String> names = new ArrayList<>();
            for (Entry entry : orderLocked().values()) {
                names.add(entry.name);
            }
            return names;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void list(Caller caller, long position, FileDescription.EntrySink sink) {
        lock.lock();
        try {
            for (Entry entry : orderLocked().tailMap(position, true).values()) {
                Inode inode = entry.inode;
                if (!sink.accept(
                        RawName.bytes(entry.name),
                        inode.number(),
                        entry.position + 1,
                        inode.direntType())) {
                    return;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private TreeMap<Long, Entry> orderLocked() {
        TreeMap<Long, Entry> known = order;
        if (known == null) {
            known = new TreeMap<>();
            for (Entry entry : entries.values()) {
                known.put(entry.position, entry);
            }
            order = known;
        }
        return known;
    }

    // Changes; tree lock held.

    private void put(String name, Inode inode) {
        lock.lock();
        try {
            Entry entry = new Entry(name, inode, nextPosition++);
            entries.put(name, entry);
            if (order != null) {
                order.put(entry.position, entry);
            }
            if (inode.isDirectory()) {
                setLinks(links() + 1);
            }
            touchModified();
        } finally {
            lock.unlock();
        }
    }

    private void take(String name) {
        lock.lock();
        try {
            Entry entry = entries.remove(name);
            if (entry == null) {
                return;
            }
            if (order != null) {
                order.remove(entry.position);
            }
            if (entry.inode.isDirectory()) {
                setLinks(links() - 1);
            }
            touchModified();
        } finally {
            lock.unlock();
        }
    }

    /** Puts another inode under a name, at the same position. */
    private void replace(String name, Inode inode) {
        lock.lock();
        try {
            Entry old = Objects.requireNonNull(entries.get(name));
            Entry entry = new Entry(name, inode, old.position);
            entries.put(name, entry);
            if (order != null) {
                order.put(entry.position, entry);
            }
            int change = (inode.isDirectory() ? 1 : 0) - (old.inode.isDirectory() ? 1 : 0);
            setLinks(links() + change);
            touchModified();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Inode create(Caller caller, String name, NewInode attributes) throws ErrnoException {
        Inode inode = tmpfs().newFile(attributes);
        put(name, inode);
        return inode;
    }

    @Override
    public TmpfsDirectory makeDirectory(Caller caller, String name, NewInode attributes)
            throws ErrnoException {
        return makeDirectory(name, attributes);
    }

    /** As mkdir, for those who fill a tree without being a task. */
    public TmpfsDirectory makeDirectory(String name, NewInode attributes) throws ErrnoException {
        tmpfs().chargeInode();
        TmpfsDirectory directory = new TmpfsDirectory(tmpfs(), attributes);
        put(name, directory);
        return directory;
    }

    /** As mknod, for those who fill a tree without being a task. */
    public TmpfsInode makeNode(String name, NewInode attributes) throws ErrnoException {
        TmpfsInode inode = tmpfs().newFile(attributes);
        put(name, inode);
        return inode;
    }

    @Override
    public Inode makeSymlink(Caller caller, String name, String target, NewInode attributes)
            throws ErrnoException {
        return makeSymlink(name, target, attributes);
    }

    /** As symlink, for those who fill a tree without being a task. */
    public TmpfsInode makeSymlink(String name, String target, NewInode attributes)
            throws ErrnoException {
        tmpfs().chargeInode();
        TmpfsSymlink link = new TmpfsSymlink(tmpfs(), attributes, target);
        put(name, link);
        return link;
    }

    /** As link, for those who fill a tree without being a task. */
    public void makeLink(String name, TmpfsInode target) throws ErrnoException {
        target.linked();
        put(name, target);
    }

    @Override
    public Inode createUnnamed(Caller caller, NewInode attributes) throws ErrnoException {
        return tmpfs().newUnnamedFile(attributes);
    }

    @Override
    public void link(Caller caller, String name, Inode target) throws ErrnoException {
        makeLink(name, (TmpfsInode) target);
    }

    @Override
    public void unlink(Caller caller, String name, Inode victim) {
        take(name);
        ((TmpfsInode) victim).unlinked();
    }

    @Override
    public void removeDirectory(Caller caller, String name, Inode victim) throws ErrnoException {
        TmpfsDirectory directory = (TmpfsDirectory) victim;
        if (directory.count() > 0) {
            throw Errno.ENOTEMPTY.error();
        }
        take(name);
        directory.removed();
    }

    private void removed() {
        lock.lock();
        try {
            setLinks(0);
            touchChanged();
        } finally {
            lock.unlock();
        }
        tmpfs().returnInode();
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
        TmpfsDirectory target = (TmpfsDirectory) newDirectory;
        if ((flags & RenameFlags.RENAME_EXCHANGE) != 0 && replaced != null) {
            replace(oldName, replaced);
            target.replace(newName, moved);
            ((TmpfsInode) moved).renamed();
            ((TmpfsInode) replaced).renamed();
            return;
        }
        Inode whiteout = null;
        if ((flags & RenameFlags.RENAME_WHITEOUT) != 0) {
            whiteout = tmpfs().newFile(new NewInode(FileMode.S_IFCHR, 0, 0, 0));
        }
        if (replaced instanceof TmpfsDirectory directory) {
            target.removeDirectory(caller, newName, directory);
        } else if (replaced != null) {
            target.unlink(caller, newName, replaced);
        }
        take(oldName);
        target.put(newName, moved);
        if (whiteout != null) {
            put(oldName, whiteout);
        }
        ((TmpfsInode) moved).renamed();
    }
}
