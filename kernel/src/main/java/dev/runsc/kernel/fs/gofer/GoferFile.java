package dev.runsc.kernel.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.protocol.NodeAttributes;
import dev.runsc.kernel.fs.tmpfs.TmpfsFile;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.AttributeChange;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.NewInode;
import dev.runsc.kernel.vfs.RegularFile;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.RestoreException;
import dev.runsc.state.StateException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A regular file. It has at most one host descriptor, donated by the gofer, for all that have it
 * open or mapped; one that is read-only is replaced when somebody wants to write.
 */
final class GoferFile extends GoferInode implements Mappable {
    private static final long PAGE = 4096;

    /** Serializes appends. */
    private final KernelLock contentsLock = new KernelLock(LockClass.INODE);

    /** Open descriptions. */
    @GuardedBy("lock")
    private int opens;

    /** Whether one of them, at some time, was for writing. */
    @GuardedBy("lock")
    private boolean opensWritable;

    @GuardedBy("lock")
    private final ArrayList<MappingObserver> observers = new ArrayList<>();

    /**
     * The contents, of a file without a name: filled when an image is made, used in place of the
     * host's file after a restore from it.
     */
    private volatile @Nullable TmpfsFile contents;

    @GuardedBy("lock")
    private transient @Nullable Donation donation;

    GoferFile(
            GoferFileSystem fileSystem,
            @Nullable GoferDirectory parent,
            String name,
            NodeAttributes attributes) {
        super(fileSystem, parent, name, attributes);
    }

    // The descriptor.

    private Donation donation() {
        lock.lock();
        try {
            Donation known = donation;
            if (known == null) {
                known = new Donation(this);
                donation = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Closes the descriptor if nobody has the file open or mapped; who comes meanwhile opens it
     * again.
     */
    void closeIfIdle() {
        if (!isInUse()) {
            donation().closeIfUnused();
        }
    }

    private boolean isInUse() {
        lock.lock();
        try {
            return opens > 0 || !observers.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    // Life.

    @Override
    public void prepareWriting(Caller caller, boolean truncates) throws ErrnoException {
        if (contents == null) {
            donation().enter(true);
            donation().leave();
        }
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        return new RegularFile(location, flags);
    }

    @Override
    public void opened() throws ErrnoException {
        lock.lock();
        try {
            opens++;
        } finally {
            lock.unlock();
        }
        try {
            fileSystem().cache().busy(this);
            if (contents == null) {
                donation().enter(false);
                donation().leave();
                noteWritable(donation().isWritable());
            }
        } catch (ErrnoException e) {
            closed();
            throw e;
        }
    }

    private void noteWritable(boolean writable) {
        lock.lock();
        try {
            opensWritable |= writable;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void closed() {
        lock.lock();
        try {
            opens--;
        } finally {
            lock.unlock();
        }
        becomeIdle();
    }

    private void becomeIdle() {
        if (isInUse()) {
            return;
        }
        fileSystem().cache().idle(this);
        TmpfsFile rescued = contents;
        if (isRemoved()) {
            closeIfIdle();
            if (rescued != null) {
                contents = null;
                rescued.closed();
            }
        }
    }

    @Override
    void prepareRemoval() throws ErrnoException {
        if (isInUse() && contents == null) {
            donation().enter(false);
            donation().leave();
        }
    }

    // Images.

    /** Copies the contents of a file without a name into memory, where an image finds them. */
    void rescueContents() throws StateException {
        if (!donation().isOpen()) {
            // Restored from an image and nameless then already: memory is all there is.
            return;
        }
        try {
            HostFd open = donation().enter(false);
            try {
                Stat stat = HostFiles.fstat(open.number());
                if (!isRemoved() && stat.nlink() > 0) {
                    return;
                }
                replaceContents(open, stat);
            } finally {
                donation().leave();
            }
        } catch (ErrnoException e) {
            throw new StateException(
                    "the contents of the deleted file "
                            + pathText()
                            + " of mount '"
                            + fileSystem().connectionName()
                            + "' cannot be read: "
                            + e.errno().message(),
                    e);
        }
    }

    private void replaceContents(HostFd open, Stat stat) throws ErrnoException {
        NewInode attributes = new NewInode(FileMode.S_IFREG | mode() & 07777, uid(), gid(), 0);
        TmpfsFile copy = fileSystem().rescued().newUnnamedFile(attributes);
        copy.opened();
        try {
            copy.fillFrom(
                    0,
                    stat.size(),
                    (offset, target) -> (int) HostFiles.pread(open.number(), target, offset));
        } catch (ErrnoException e) {
            copy.closed();
            throw e;
        }
        copy.copyAttributes(owned(stat));
        TmpfsFile old = contents;
        contents = copy;
        if (old != null) {
            old.closed();
        }
    }

    @Override
    public void afterRestore(RestoreContext context) throws RestoreException {
        super.afterRestore(context);
        if (!isInUse()) {
            return;
        }
        fileSystem().cache().busy(this);
        if (contents != null) {
            return;
        }
        boolean writing;
        lock.lock();
        try {
            writing = opensWritable;
        } finally {
            lock.unlock();
        }
        try {
            donation().enter(writing);
            donation().leave();
        } catch (ErrnoException e) {
            String why = e.is(Errno.ESTALE) ? "is missing or of another kind" : e.errno().message();
            throw new RestoreException(
                    "the file "
                            + pathText()
                            + " of mount '"
                            + fileSystem().connectionName()
                            + "', open in the image, cannot be opened: "
                            + why,
                    e);
        }
    }

    // Contents.

    @Override
    public long size() throws ErrnoException {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            return rescued.size();
        }
        HostFd open = donation().enter(false);
        try {
            return HostFiles.fstat(open.number()).size();
        } finally {
            donation().leave();
        }
    }

    /** The contents that take the place of the host's file; null while there is a descriptor. */
    private @Nullable TmpfsFile restored() {
        TmpfsFile rescued = contents;
        if (rescued == null) {
            return null;
        }
        return donation().isOpen() ? null : rescued;
    }

    @Override
    public Stat stat(Caller caller) throws ErrnoException {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            return shown(rescued.stat(caller));
        }
        if (!donation().isOpen()) {
            return super.stat(caller);
        }
        HostFd open = donation().enter(false);
        try {
            return shown(owned(HostFiles.fstat(open.number())));
        } finally {
            donation().leave();
        }
    }

    @Override
    public void changeAttributes(Caller caller, AttributeChange change) throws ErrnoException {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            rescued.changeAttributes(caller, change);
            return;
        }
        super.changeAttributes(caller, change);
    }

    @Override
    public long readAt(Caller caller, UserBuffer target, long offset) throws ErrnoException {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            return rescued.readAt(caller, target, offset);
        }
        HostFd open = donation().enter(false);
        try {
            long started = System.nanoTime();
            long count = HostTransfer.read(open, target, offset);
            fileSystem().reads().host().add(count, started);
            return count;
        } finally {
            donation().leave();
        }
    }

    @Override
    public long writeAt(Caller caller, UserBuffer source, long offset) throws ErrnoException {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            return rescued.writeAt(caller, source, offset);
        }
        HostFd open = donation().enter(true);
        try {
            return HostTransfer.write(open, source, offset);
        } finally {
            donation().leave();
            forgetAttributes();
        }
    }

    @Override
    public Appended append(Caller caller, UserBuffer source) throws ErrnoException {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            return rescued.append(caller, source);
        }
        contentsLock.lock();
        try {
            long end = size();
            long count = writeAt(caller, source, end);
            return new Appended(count, end + count);
        } finally {
            contentsLock.unlock();
        }
    }

    @Override
    public void truncate(Caller caller, long sizeBytes) throws ErrnoException {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            rescued.truncate(caller, sizeBytes);
            return;
        }
        HostFd open = donation().enter(true);
        try {
            HostFiles.ftruncate(open.number(), sizeBytes);
        } finally {
            donation().leave();
            forgetAttributes();
        }
        long firstGone = (sizeBytes + PAGE - 1) & -PAGE;
        for (MappingObserver observer : observers()) {
            observer.truncated(firstGone);
        }
    }

    @Override
    public void allocate(Caller caller, int mode, long offset, long lengthBytes)
            throws ErrnoException {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            rescued.allocate(caller, mode, offset, lengthBytes);
            return;
        }
        HostFd open = donation().enter(true);
        try {
            HostFiles.fallocate(open.number(), mode, offset, lengthBytes);
        } finally {
            donation().leave();
            forgetAttributes();
        }
    }

    @Override
    public long seekData(long offset) throws ErrnoException {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            return rescued.seekData(offset);
        }
        HostFd open = donation().enter(false);
        try {
            long data = HostFiles.seekData(open.number(), offset);
            if (data < 0) {
                throw Errno.ENXIO.error();
            }
            return data;
        } finally {
            donation().leave();
        }
    }

    @Override
    public long seekHole(long offset) throws ErrnoException {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            return rescued.seekHole(offset);
        }
        HostFd open = donation().enter(false);
        try {
            return HostFiles.seekHole(open.number(), offset);
        } finally {
            donation().leave();
        }
    }

    @Override
    public void sync(Caller caller, boolean dataOnly) throws ErrnoException {
        if (restored() != null) {
            return;
        }
        HostFd open = donation().enter(false);
        try {
            if (dataOnly) {
                HostFiles.fdatasync(open.number());
            } else {
                HostFiles.fsync(open.number());
            }
        } finally {
            donation().leave();
        }
    }

    // Mapping.

    @Override
    public boolean allowsSharedWrites() {
        return restored() != null;
    }

    @Override
    public Mappable mappable() {
        return this;
    }

    @Override
    public Backing translate(long offset, long lengthBytes, boolean forWrite)
            throws ErrnoException {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            return rescued.translate(offset, lengthBytes, forWrite);
        }
        long end = (size() + PAGE - 1) & -PAGE;
        if (forWrite || offset < 0 || offset >= end) {
            throw Errno.EFAULT.error();
        }
        return new InHostFile(
                donation().imported(fileSystem().platform()),
                offset,
                Math.min(lengthBytes, end - offset));
    }

    @Override
    public int readInto(long offset, MemorySegment target) throws ErrnoException {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            return rescued.readInto(offset, target);
        }
        HostFd open = donation().enter(false);
        try {
            long started = System.nanoTime();
            int count = HostTransfer.readFully(open, target, offset);
            fileSystem().reads().host().add(count, started);
            return count;
        } finally {
            donation().leave();
        }
    }

    @Override
    public void addMapping(MappingObserver observer) {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            rescued.addMapping(observer);
        }
        lock.lock();
        try {
            observers.add(observer);
        } finally {
            lock.unlock();
        }
        fileSystem().cache().busy(this);
    }

    @Override
    public void removeMapping(MappingObserver observer) {
        TmpfsFile rescued = restored();
        if (rescued != null) {
            rescued.removeMapping(observer);
        }
        lock.lock();
        try {
            observers.remove(observer);
        } finally {
            lock.unlock();
        }
        becomeIdle();
    }

    private List<MappingObserver> observers() {
        lock.lock();
        try {
            return List.copyOf(observers);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String mappedName() {
        return mappedPath();
    }

    @Override
    public long deviceId() {
        return shownDevice();
    }

    @Override
    public long inodeNumber() {
        return number();
    }
}
