package dev.runsc.kernel.fs.overlay;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.RegularFile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A regular file. Those who have it open or mapped are counted here and passed on to the layer's
 * file; at the copy-up they move over to the copy.
 */
final class OverlayFile extends OverlayInode implements Mappable {
    private static final long PAGE_MASK = 4095;

    /** Guards users, and the moment the copy takes over. Taken within address spaces. */
    private final KernelLock usersLock = new KernelLock(LockClass.PAGES);

    @GuardedBy("usersLock")
    private int opens;

    @GuardedBy("usersLock")
    private final ArrayList<MappingObserver> observers = new ArrayList<>();

    OverlayFile(
            OverlayFileSystem fileSystem,
            OverlayDirectory parent,
            String name,
            @Nullable Inode upper,
            List<Inode> lowers) {
        super(fileSystem, parent, name, upper, lowers);
    }

    @Override
    void copiedUp(Inode copy) throws ErrnoException {
        List<MappingObserver> moved;
        usersLock.lock();
        try {
            Inode lower = real();
            super.copiedUp(copy);
            moved = List.copyOf(observers);
            for (int i = 0; i < opens; i++) {
                copy.opened();
                lower.closed();
            }
            for (MappingObserver observer : moved) {
                copy.mappable().addMapping(observer);
                lower.mappable().removeMapping(observer);
            }
        } finally {
            usersLock.unlock();
        }
        for (MappingObserver observer : moved) {
            observer.invalidate(0, Long.MAX_VALUE & ~PAGE_MASK);
        }
    }

    // Open files.

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        return new RegularFile(location, flags);
    }

    @Override
    public void prepareWriting(Caller caller, boolean truncates) throws ErrnoException {
        copyUp(caller, !truncates).prepareWriting(caller, truncates);
    }

    @Override
    public void opened() throws ErrnoException {
        // The lower file may have to be opened on the host first: not under the lock.
        Inode expected = real();
        expected.opened();
        usersLock.lock();
        try {
            Inode now = real();
            if (now != expected) {
                expected.closed();
                now.opened();
            }
            opens++;
        } finally {
            usersLock.unlock();
        }
    }

    @Override
    public void closed() {
        Inode now;
        usersLock.lock();
        try {
            opens--;
            now = real();
        } finally {
            usersLock.unlock();
        }
        now.closed();
    }

    @Override
    public boolean mayGetName() {
        return real().mayGetName();
    }

    @Override
    public long readAt(Caller caller, UserBuffer target, long offset) throws ErrnoException {
        return real().readAt(caller, target, offset);
    }

    @Override
    public long writeAt(Caller caller, UserBuffer source, long offset) throws ErrnoException {
        return requireUpper().writeAt(caller, source, offset);
    }

    @Override
    public Appended append(Caller caller, UserBuffer source) throws ErrnoException {
        return requireUpper().append(caller, source);
    }

    @Override
    public void truncate(Caller caller, long sizeBytes) throws ErrnoException {
        copyUp(caller, sizeBytes > 0).truncate(caller, sizeBytes);
    }

    @Override
    public void allocate(Caller caller, int mode, long offset, long lengthBytes)
            throws ErrnoException {
        requireUpper().allocate(caller, mode, offset, lengthBytes);
    }

    @Override
    public long seekData(long offset) throws ErrnoException {
        return real().seekData(offset);
    }

    @Override
    public long seekHole(long offset) throws ErrnoException {
        return real().seekHole(offset);
    }

    @Override
    public void sync(Caller caller, boolean dataOnly) throws ErrnoException {
        real().sync(caller, dataOnly);
    }

    // Mapping.

    @Override
    public Mappable mappable() {
        return this;
    }

    private Mappable realMappable() throws ErrnoException {
        return real().mappable();
    }

    @Override
    public Backing translate(long offset, long lengthBytes, boolean forWrite)
            throws ErrnoException {
        return realMappable().translate(offset, lengthBytes, forWrite);
    }

    @Override
    public int readInto(long offset, MemorySegment target) throws ErrnoException {
        return realMappable().readInto(offset, target);
    }

    @Override
    public void sync(long offset, long lengthBytes) throws ErrnoException {
        realMappable().sync(offset, lengthBytes);
    }

    @Override
    public void punchHole(long offset, long lengthBytes) throws ErrnoException {
        realMappable().punchHole(offset, lengthBytes);
    }

    @Override
    public void addMapping(MappingObserver observer) {
        usersLock.lock();
        try {
            observers.add(observer);
            mappableOf(real()).addMapping(observer);
        } finally {
            usersLock.unlock();
        }
    }

    @Override
    public void removeMapping(MappingObserver observer) {
        usersLock.lock();
        try {
            observers.remove(observer);
            mappableOf(real()).removeMapping(observer);
        } finally {
            usersLock.unlock();
        }
    }

    /** Regular files of layers are what is mapped, themselves. */
    private static Mappable mappableOf(Inode inode) {
        return (Mappable) inode;
    }

    @Override
    public String mappedName() {
        return mappedPath();
    }

    @Override
    public long deviceId() {
        return fileSystem().deviceId();
    }

    @Override
    public long inodeNumber() {
        return number();
    }
}
