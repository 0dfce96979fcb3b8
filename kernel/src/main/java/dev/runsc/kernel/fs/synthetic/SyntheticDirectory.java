package dev.runsc.kernel.fs.synthetic;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.DirectoryFile;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.RawName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A directory with fixed children, in order of addition, and dynamic ones behind them. */
public class SyntheticDirectory extends SyntheticInode {
    /** "." and ".." come first. */
    private static final long FIRST_POSITION = 2;

    @GuardedBy("lock")
    private final LinkedHashMap<String, Inode> fixed = new LinkedHashMap<>();

    /** A child that is found when asked for. */
    public record DynamicEntry(String name, long inode, int direntType) {}

    public SyntheticDirectory(SyntheticFileSystem fileSystem) {
        this(fileSystem, 0555);
    }

    public SyntheticDirectory(SyntheticFileSystem fileSystem, int permissions) {
        super(fileSystem, FileMode.S_IFDIR | permissions);
        setLinks(2);
    }

    protected SyntheticDirectory(SyntheticFileSystem fileSystem, long number, int permissions) {
        super(fileSystem, number, FileMode.S_IFDIR | permissions);
        setLinks(2);
    }

    /** Adds a fixed child. */
    public final SyntheticDirectory add(String name, Inode child) {
        lock.lock();
        try {
            fixed.put(name, child);
            if (child.isDirectory()) {
                setLinks(links() + 1);
            }
        } finally {
            lock.unlock();
        }
        return this;
    }

    /** Removes a fixed child. */
    public final void remove(String name) {
        lock.lock();
        try {
            Inode child = fixed.remove(name);
            if (child != null && child.isDirectory()) {
                setLinks(links() - 1);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Finds a child that is not fixed, or null. Called again for every walk when the file system is
     * dynamic.
     */
    protected @Nullable Inode findDynamic(Caller caller, String name) throws ErrnoException {
        return null;
    }

    /** Lists the children that are not fixed, in a stable order. */
    protected List<DynamicEntry> listDynamic(Caller caller) throws ErrnoException {
        return List.of();
    }

    /**
     * Whether an inode found before is still what a dynamic name means; the default finds it again
     * and compares numbers, so that the old inode goes on being used.
     */
    protected boolean stillDynamic(Caller caller, String name, Inode child) throws ErrnoException {
        Inode now = findDynamic(caller, name);
        return now != null && now.number() == child.number() && now.getClass() == child.getClass();
    }

    @Override
    public final @Nullable Inode lookup(Caller caller, String name) throws ErrnoException {
        Inode child = findFixed(name);
        return child != null ? child : findDynamic(caller, name);
    }

    @Override
    public final boolean stillNames(Caller caller, String name, Inode child) throws ErrnoException {
        Inode known = findFixed(name);
        return known != null ? known == child : stillDynamic(caller, name, child);
    }

    private @Nullable Inode findFixed(String name) {
        lock.lock();
        try {
            return fixed.get(name);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        return new DirectoryFile(location, flags, LockClass.SYNTHETIC);
    }

    @Override
    public final void list(Caller caller, long position, FileDescription.EntrySink sink)
            throws ErrnoException {
        long at = FIRST_POSITION;
        List<Map.Entry<String, Inode>> children;
        lock.lock();
        try {
            children = new ArrayList<>(fixed.entrySet());
        } finally {
            lock.unlock();
        }
        for (Map.Entry<String, Inode> child : children) {
            Inode inode = child.getValue();
            if (at >= position
                    && !sink.accept(
                            RawName.bytes(child.getKey()),
                            inode.number(),
                            at + 1,
                            inode.direntType())) {
                return;
            }
            at++;
        }
        listDynamic(caller, at, position, sink);
    }

    /**
     * Lists the dynamic children; their positions are counted from {@code first} unless a subclass
     * knows better.
     */
    protected void listDynamic(
            Caller caller, long first, long position, FileDescription.EntrySink sink)
            throws ErrnoException {
        long at = first;
        for (DynamicEntry entry : listDynamic(caller)) {
            if (at >= position
                    && !sink.accept(
                            RawName.bytes(entry.name()),
                            entry.inode(),
                            at + 1,
                            entry.direntType())) {
                return;
            }
            at++;
        }
    }
}
