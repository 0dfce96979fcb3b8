package dev.runsc.kernel.fs.erofs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.fs.gofer.FileReads;
import dev.runsc.kernel.fs.gofer.HostTransfer;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.Platform.HostFileMapping;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.LimitedBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The bytes of an image, in a file of the host. Closed when nobody uses it any more. */
final class ErofsImage {
    private static final Cleaner CLEANER = Cleaner.create();

    private final HostFd file;
    private final long sizeBytes;
    private final Platform platform;
    private final FileReads reads;
    private final KernelLock lock = new KernelLock(LockClass.GOFER);

    @GuardedBy("lock")
    private @Nullable HostFileMapping mapping;

    /**
     * @param file the image's from now on, also when this fails
     * @throws ErofsFault when it is no regular file
     */
    ErofsImage(HostFd file, Platform platform, FileReads reads) throws ErofsFault {
        this.file = file;
        this.platform = platform;
        this.reads = reads;
        try {
            Stat stat = HostFiles.fstat(file.number());
            if ((stat.mode() & FileMode.S_IFMT) != FileMode.S_IFREG) {
                file.close();
                throw new ErofsFault("the EROFS image is no regular file");
            }
            sizeBytes = stat.size();
        } catch (ErrnoException e) {
            file.close();
            throw new ErofsFault("the EROFS image: " + e.errno().message(), e);
        }
        CLEANER.register(this, file::close);
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /** EUCLEAN unless a range lies in the image. */
    void require(long offset, long lengthBytes) throws ErrnoException {
        if (offset < 0 || lengthBytes < 0 || offset > sizeBytes - lengthBytes) {
            throw Errno.EUCLEAN.error();
        }
    }

    /**
     * Bytes of the image, in its order.
     *
     * @param lengthBytes what the caller has bounded
     * @throws ErrnoException EUCLEAN when they do not lie in the image, EIO when they are gone
     */
    ByteBuffer bytes(long offset, int lengthBytes) throws ErrnoException {
        require(offset, lengthBytes);
        byte[] bytes = new byte[lengthBytes];
        long started = System.nanoTime();
        try {
            if (HostTransfer.readFully(file, bytes, offset) < lengthBytes) {
                throw Errno.EIO.error();
            }
            reads.host().add(lengthBytes, started);
        } finally {
            Reference.reachabilityFence(this);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Fills native memory from a range of the image; EIO when bytes are missing. */
    void readInto(long offset, MemorySegment target) throws ErrnoException {
        long started = System.nanoTime();
        try {
            int count = HostTransfer.readFully(file, target, offset);
            if (count < target.byteSize()) {
                throw Errno.EIO.error();
            }
            reads.host().add(count, started);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Copies a range of the image to a guest; short at a fault; EIO when bytes are missing. */
    long read(long offset, long lengthBytes, UserBuffer target) throws ErrnoException {
        long started = System.nanoTime();
        long wanted = Math.min(lengthBytes, target.remaining());
        try {
            long count = HostTransfer.read(file, new LimitedBuffer(target, wanted), offset);
            if (count == 0 && wanted > 0) {
                throw Errno.EIO.error();
            }
            reads.host().add(count, started);
            return count;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** The file for address spaces to map. */
    HostFileMapping mapping() throws ErrnoException {
        lock.lock();
        try {
            HostFileMapping known = mapping;
            if (known == null) {
                known = platform.importFile(file);
                mapping = known;
                CLEANER.register(this, known::close);
            }
            return known;
        } catch (PlatformException e) {
            throw Errno.ENOMEM.error();
        } finally {
            lock.unlock();
            Reference.reachabilityFence(this);
        }
    }
}
