package dev.runsc.kernel.platform.stub;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostMemory;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** A platform with a memory file, and the means to place machine code in it and to run that. */
final class GuestMachine implements AutoCloseable {
    /** Where {@link #load} puts code, and where {@link #space} maps data. */
    static final long CODE = 0x40_0000;

    static final long DATA = 0x50_0000;
    static final int PAGE = 4096;

    /** The page of the memory file behind {@link #DATA}. */
    static final long DATA_OFFSET = 0x10_0000;

    static final int DATA_BYTES = 16 * PAGE;
    static final int CODE_BYTES = 4 * PAGE;
    static final int READ = MmapFlags.PROT_READ;
    static final int READ_WRITE = MmapFlags.PROT_READ | MmapFlags.PROT_WRITE;
    static final int READ_EXECUTE = MmapFlags.PROT_READ | MmapFlags.PROT_EXEC;
    private static final long MEMORY_BYTES = 64 << 20;

    private final HostFd file;
    private final MemorySegment memory;
    private final StubPlatform platform;

    GuestMachine(boolean rewriting) throws PlatformException {
        this(stub(), rewriting);
    }

    GuestMachine(Path stub, boolean rewriting) throws PlatformException {
        this(stub, rewriting, ProcessWatcher.PATIENCE);
    }

    GuestMachine(Path stub, boolean rewriting, int patience) throws PlatformException {
        try {
            file = HostFiles.memfdCreate("guest-memory", 0);
            HostFiles.ftruncate(file.number(), MEMORY_BYTES);
            memory =
                    HostMemory.map(
                            file.number(),
                            0,
                            MEMORY_BYTES,
                            READ_WRITE,
                            MmapFlags.MAP_SHARED,
                            Arena.ofAuto());
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
        platform = StubPlatform.start(stub, file, rewriting, patience);
    }

    /** The stub that the build made. */
    static Path stub() {
        return Path.of(System.getProperty("runsc.stub", "target/stub/stub")).toAbsolutePath();
    }

    StubPlatform platform() {
        return platform;
    }

    HostFd file() {
        return file;
    }

    MemorySegment memory() {
        return memory;
    }

    /** Puts code at the start of the memory file, which {@link #space} maps at {@link #CODE}. */
    void load(Code code) {
        byte[] bytes = code.bytes();
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
    }

    /** An address space with the loaded code and some data pages. */
    AddressSpace space() throws PlatformException {
        AddressSpace space = platform.newAddressSpace();
        space.mapMemory(CODE, CODE_BYTES, 0, READ_EXECUTE, false);
        space.mapMemory(DATA, DATA_BYTES, DATA_OFFSET, READ_WRITE, false);
        return space;
    }

    /** A thread that stands before the loaded code, with a stack in the data pages. */
    GuestContext thread(AddressSpace space) throws PlatformException {
        GuestContext context = space.newContext();
        context.setRegister(Register.RIP, CODE);
        context.setRegister(Register.RSP, DATA + DATA_BYTES - 256);
        return context;
    }

    /** A new address space with one thread before this code. */
    GuestContext run(Code code) throws PlatformException {
        load(code);
        return thread(space());
    }

    long data(long offset) {
        return memory.get(ValueLayout.JAVA_LONG, DATA_OFFSET + offset);
    }

    void data(long offset, long value) {
        memory.set(ValueLayout.JAVA_LONG, DATA_OFFSET + offset, value);
    }

    @Override
    public void close() {
        platform.close();
        file.close();
    }
}
