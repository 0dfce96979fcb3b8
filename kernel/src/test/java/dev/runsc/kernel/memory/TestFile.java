package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.Platform.HostFileMapping;
import dev.runsc.kernel.platform.PlatformException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** A file of a given size, in a host file (an array here) or in the memory file. */
final class TestFile implements Mappable {
    private final byte[] contents;
    private final int sizeBytes;
    private final boolean inMemory;
    private long memoryOffset = -1;
    private @Nullable MemoryFile memory;
    private transient HostFileMapping host = () -> {};
    final ArrayList<MappingObserver> observers = new ArrayList<>();
    int translations;

    private TestFile(int sizeBytes, boolean inMemory) {
        this.sizeBytes = sizeBytes;
        this.inMemory = inMemory;
        contents = new byte[(int) Addresses.pageUp(sizeBytes)];
    }

    static TestFile onHost(int sizeBytes) {
        return new TestFile(sizeBytes, false);
    }

    static TestFile inMemory(MemoryFile memory, int sizeBytes) throws ErrnoException {
        TestFile file = new TestFile(sizeBytes, true);
        file.memory = memory;
        file.memoryOffset = memory.allocate(Addresses.pageUp(sizeBytes));
        return file;
    }

    /** Puts the contents into a real host file, for real stubs. */
    void importTo(Platform platform) throws ErrnoException, PlatformException {
        try (HostFd real = HostFiles.memfdCreate("test-file", 0)) {
            HostFiles.writeFully(real.number(), ByteBuffer.wrap(contents));
            host = platform.importFile(real);
        }
    }

    byte[] contents() {
        return contents;
    }

    void free(MemoryFile memory) {
        memory.release(memoryOffset, contents.length);
    }

    @Override
    public Backing translate(long offset, long lengthBytes, boolean forWrite)
            throws ErrnoException {
        translations++;
        long left = contents.length - offset;
        if (offset < 0 || left <= 0) {
            throw Errno.EFAULT.error();
        }
        long length = Math.min(left, lengthBytes);
        if (inMemory) {
            return new InMemory(memoryOffset + offset, length);
        }
        if (host == null) {
            host = () -> {};
        }
        return new InHostFile(host, offset, length);
    }

    @Override
    public int readInto(long offset, MemorySegment target) {
        if (!target.isNative()) {
            throw new AssertionError("heap target");
        }
        long count = Math.min(target.byteSize(), sizeBytes - offset);
        if (count <= 0) {
            return 0;
        }
        MemorySegment.copy(MemorySegment.ofArray(contents), offset, target, 0, count);
        return (int) count;
    }

    @Override
    public void punchHole(long offset, long lengthBytes) {
        if (memory != null && offset < contents.length) {
            long length = Math.min(lengthBytes, contents.length - offset);
            memory.discard(memoryOffset + offset, length);
        }
    }

    @Override
    public void addMapping(MappingObserver observer) {
        observers.add(observer);
    }

    @Override
    public void removeMapping(MappingObserver observer) {
        if (!observers.remove(observer)) {
            throw new AssertionError("not registered");
        }
    }

    @Override
    public String mappedName() {
        return "/test/file";
    }

    @Override
    public long deviceId() {
        return 0x801;
    }

    @Override
    public long inodeNumber() {
        return 42;
    }
}
