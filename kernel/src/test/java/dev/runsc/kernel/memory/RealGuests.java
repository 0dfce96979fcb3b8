package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.GuestContext.Stop;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.IdentityHashMap;

/** Guest code in real stubs that reads or writes a word where it is told to. */
final class RealGuests {
    /** Where {@link #prepare} puts the code: out of the way of what tests map. */
    static final long CODE = 0x40_0000;

    private static final int TRIES = 16;

    /** mov rax, [rdi]; syscall. */
    private static final byte[] READ_CODE = HexFormat.of().parseHex("488b070f05");

    /** mov [rdi], rsi; syscall. */
    private static final byte[] WRITE_CODE = HexFormat.of().parseHex("4889370f05");

    private static final int WRITE_OFFSET = 64;

    private final IdentityHashMap<MemoryManager, GuestContext> contexts = new IdentityHashMap<>();

    /** Maps the code; children have it too. */
    static void prepare(MemoryManager manager) throws ErrnoException {
        int flags = MmapFlags.MAP_PRIVATE | MmapFlags.MAP_ANONYMOUS | MmapFlags.MAP_FIXED;
        int protection = MmapFlags.PROT_READ | MmapFlags.PROT_EXEC;
        manager.map(MapRequest.anonymous(CODE, Addresses.PAGE_SIZE, protection, flags));
        manager.forceWrite(CODE, MemorySegment.ofArray(READ_CODE));
        manager.forceWrite(CODE + WRITE_OFFSET, MemorySegment.ofArray(WRITE_CODE));
    }

    private GuestContext context(MemoryManager manager) {
        return contexts.computeIfAbsent(
                manager,
                key -> {
                    try {
                        return key.addressSpace().newContext();
                    } catch (PlatformException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    /** To be called before an address space goes. */
    void forget(MemoryManager manager) {
        GuestContext context = contexts.remove(manager);
        if (context != null) {
            context.release();
        }
    }

    FaultResult write(MemoryManager manager, long address, long value) {
        GuestContext context = context(manager);
        context.setRegister(Register.RIP, CODE + WRITE_OFFSET);
        context.setRegister(Register.RDI, address);
        context.setRegister(Register.RSI, value);
        return run(manager, context);
    }

    FaultResult touch(MemoryManager manager, long address) {
        GuestContext context = context(manager);
        context.setRegister(Register.RIP, CODE);
        context.setRegister(Register.RDI, address);
        return run(manager, context);
    }

    long read(MemoryManager manager, long address) {
        FaultResult result = touch(manager, address);
        if (!result.resolved()) {
            throw new AssertionError("read of " + Long.toHexString(address) + ": " + result);
        }
        return context(manager).register(Register.RAX);
    }

    private static FaultResult run(MemoryManager manager, GuestContext context) {
        for (int tries = 0; tries < TRIES; ) {
            Stop stop = context.run();
            switch (stop) {
                case SYSCALL -> {
                    return FaultResult.RESOLVED;
                }
                case FAULT -> {
                    FaultResult result =
                            manager.handleFault(context.faultAddress(), context.faultError());
                    if (!result.resolved()) {
                        return result;
                    }
                    tries++;
                }
                case INTERRUPTED -> {}
                default -> throw new AssertionError(stop + " signal " + context.signal());
            }
        }
        throw new AssertionError("the fault comes again and again");
    }
}
