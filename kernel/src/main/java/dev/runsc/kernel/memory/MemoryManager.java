package dev.runsc.kernel.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.stub.SyscallRewriter;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.RestoreException;
import dev.runsc.state.RestoreOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One guest address space (Linux {@code struct mm_struct}): the memory system calls and page
 * faults, beside the kernel's own access that {@link UserMemory} has. Addresses come from the guest
 * and may be anything.
 *
 * <p>Shared by the tasks that {@link #retain} it; the last {@link #release} frees everything.
 * Thread safe by one lock.
 */
public final class MemoryManager extends UserMemory implements AfterRestore {
    private static final int WRITE_FAULT = 2;
    private static final int FETCH_FAULT = 16;
    private static final int PAGES_AT_ONCE = 1 << 15;

    @GuardedBy("lock")
    private int users = 1;

    @GuardedBy("lock")
    private @Nullable ProgramHold program;

    /** PR_SET_DUMPABLE. */
    private volatile boolean dumpable = true;

    /** Whether call sites must not be rewritten. */
    private volatile boolean plainCode;

    /** What membarrier(2) has registered, as its own bits. */
    private volatile int barriers;

    private MemoryManager(
            AddressSpace space, MemoryFile memoryFile, MemoryLimits limits, PlacementBase base) {
        super(space, memoryFile, limits, base);
    }

    /** An empty address space with one user. ENOMEM when the platform has no room for it. */
    public static MemoryManager create(
            Platform platform, MemoryFile memoryFile, MemoryLimits limits, PlacementBase base)
            throws ErrnoException {
        return new MemoryManager(newSpace(platform), memoryFile, limits, base);
    }

    private static AddressSpace newSpace(Platform platform) throws ErrnoException {
        try {
            return platform.newAddressSpace();
        } catch (PlatformException e) {
            throw Errno.ENOMEM.error();
        }
    }

    /** The host side, for {@code newContext}. */
    public AddressSpace addressSpace() {
        lock.lock();
        try {
            return map.pages().space().real();
        } finally {
            lock.unlock();
        }
    }

    // Life.

    /** One user (a task) more: CLONE_VM. */
    public void retain() {
        lock.lock();
        try {
            users++;
            map.pages().setOthersMayRun(users > 1);
        } finally {
            lock.unlock();
        }
    }

    /** One user less; the last one frees everything. */
    public void release() {
        lock.lock();
        try {
            users--;
            map.pages().setOthersMayRun(users > 1);
            if (users == 0) {
                map.pages().space().release();
                map.releaseAll();
                if (program != null) {
                    program.release();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** What is released with the last user, and retained for each fork. */
    public void setProgram(ProgramHold hold) {
        lock.lock();
        try {
            program = hold;
        } finally {
            lock.unlock();
        }
    }

    public int users() {
        lock.lock();
        try {
            return users;
        } finally {
            lock.unlock();
        }
    }

    /**
     * fork: a copy with one user; private pages are shared until one side writes. Called by a task
     * of this address space, which is therefore not in guest code.
     */
    public MemoryManager fork(Platform platform, MemoryLimits childLimits) throws ErrnoException {
        AddressSpace space = newSpace(platform);
        lock.lock();
        try {
            MemoryManager child =
                    new MemoryManager(space, map.pages().memoryFile(), childLimits, map.base);
            child.copyFrom(map);
            if (program != null) {
                program.retain();
                child.setProgram(program);
            }
            child.dumpable = dumpable;
            child.barriers = barriers;
            if (users > 1) {
                // Others may be writing to pages the child has by now.
                map.pages().space().settle();
            }
            return child;
        } finally {
            lock.unlock();
        }
    }

    private void copyFrom(AddressMap parent) throws ErrnoException {
        lock.lock();
        try {
            parent.copyTo(map);
        } catch (ErrnoException e) {
            map.pages().space().release();
            map.releaseAll();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** The limits that hold from now on. */
    public void setLimits(MemoryLimits limits) {
        lock.lock();
        try {
            map.limits = limits;
        } finally {
            lock.unlock();
        }
    }

    // System calls: results and errors as theirs.

    /** mmap(2). */
    public long map(MapRequest request) throws ErrnoException {
        lock.lock();
        try {
            return MmapCalls.map(map, request);
        } finally {
            lock.unlock();
        }
    }

    /** munmap(2). */
    public void unmap(long address, long length) throws ErrnoException {
        lock.lock();
        try {
            MmapCalls.unmap(map, address, length);
        } finally {
            lock.unlock();
        }
    }

    /** shmdt(2): what was attached, for whoever counts. */
    public Mappable detach(long address) throws ErrnoException {
        lock.lock();
        try {
            return MmapCalls.detach(map, address);
        } finally {
            lock.unlock();
        }
    }

    /** mprotect(2). */
    public void protect(long address, long length, int protection) throws ErrnoException {
        lock.lock();
        try {
            MmapCalls.protect(map, address, length, protection);
        } finally {
            lock.unlock();
        }
    }

    /** mremap(2); the new address counts with MREMAP_FIXED and MREMAP_DONTUNMAP only. */
    public long remap(long oldAddress, long oldLength, long newLength, int flags, long newAddress)
            throws ErrnoException {
        lock.lock();
        try {
            return RemapCall.remap(map, oldAddress, oldLength, newLength, flags, newAddress);
        } finally {
            lock.unlock();
        }
    }

    /** brk(2) as the system call: the new break, or the old one when it cannot be moved. */
    public long brk(long address) {
        lock.lock();
        try {
            return MmapCalls.setBreak(map, address);
        } finally {
            lock.unlock();
        }
    }

    /** Where the heap starts; by exec. */
    public void setBreakStart(long address) {
        lock.lock();
        try {
            map.breakStart = address;
            map.breakEnd = address;
        } finally {
            lock.unlock();
        }
    }

    /** madvise(2). */
    public void advise(long address, long length, int advice) throws ErrnoException {
        if (advice == MmapFlags.MADV_REMOVE) {
            FileRanges.remove(this, address, length);
            return;
        }
        lock.lock();
        try {
            map.callSites().makeRoom(map, address, length);
            AdviceCalls.advise(map, address, length, advice);
        } finally {
            lock.unlock();
        }
    }

    /** msync(2). */
    public void sync(long address, long length, int flags) throws ErrnoException {
        FileRanges.sync(this, address, length, flags);
    }

    /** mincore(2): writes a byte per page, bit 0 for "in memory", to the vector. */
    public void mincore(long address, long length, long vectorAddress) throws ErrnoException {
        if (!Addresses.isAligned(address)) {
            throw Errno.EINVAL.error();
        }
        if (!Addresses.isUserRange(address, length)) {
            throw Errno.ENOMEM.error();
        }
        long pages = Addresses.pageUp(length) / Addresses.PAGE_SIZE;
        for (long done = 0; done < pages; done += PAGES_AT_ONCE) {
            long count = Math.min(PAGES_AT_ONCE, pages - done);
            byte[] vector;
            lock.lock();
            try {
                vector =
                        AdviceCalls.residency(
                                map,
                                address + done * Addresses.PAGE_SIZE,
                                count * Addresses.PAGE_SIZE);
            } finally {
                lock.unlock();
            }
            copyOut(vectorAddress + done, vector);
        }
    }

    /** mlock2(2): flags are 0 or MLOCK_ONFAULT. */
    public void lock(long address, long length, int flags) throws ErrnoException {
        lock.lock();
        try {
            map.callSites().makeRoom(map, address, length);
            AdviceCalls.lock(map, address, length, flags);
        } finally {
            lock.unlock();
        }
    }

    /** munlock(2). */
    public void unlock(long address, long length) throws ErrnoException {
        lock.lock();
        try {
            map.callSites().makeRoom(map, address, length);
            AdviceCalls.unlock(map, address, length);
        } finally {
            lock.unlock();
        }
    }

    /** mlockall(2). */
    public void lockAll(int flags) throws ErrnoException {
        lock.lock();
        try {
            AdviceCalls.lockAll(map, flags);
        } finally {
            lock.unlock();
        }
    }

    /** munlockall(2). */
    public void unlockAll() {
        lock.lock();
        try {
            AdviceCalls.unlockAll(map);
        } finally {
            lock.unlock();
        }
    }

    /** prctl(PR_SET_VMA_ANON_NAME); null takes the name away. */
    public void setAreaName(long address, long length, @Nullable String name)
            throws ErrnoException {
        lock.lock();
        try {
            map.callSites().makeRoom(map, address, length);
            AdviceCalls.setName(map, address, length, name);
        } finally {
            lock.unlock();
        }
    }

    // Faults.

    /**
     * A page fault of guest code, by a task of this address space.
     *
     * @param errorCode the x86 page-fault error code: bit 1 write, bit 4 instruction fetch
     */
    public FaultResult handleFault(long address, long errorCode) {
        int access = Accesses.READ;
        if ((errorCode & WRITE_FAULT) != 0) {
            access = Accesses.WRITE;
        } else if ((errorCode & FETCH_FAULT) != 0) {
            access = Accesses.EXECUTE;
        }
        lock.lock();
        try {
            return FaultCalls.resolve(map, address, access);
        } finally {
            lock.unlock();
        }
    }

    // What belongs to an address space without being memory.

    public boolean isDumpable() {
        return dumpable;
    }

    public void setDumpable(boolean may) {
        dumpable = may;
    }

    /** The registrations of membarrier(2). */
    public int barriers() {
        return barriers;
    }

    public void registerBarrier(int command) {
        lock.lock();
        try {
            barriers |= command;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Passes a memory barrier, and a serializing instruction, on every CPU that runs a thread of
     * this address space (membarrier(2)).
     */
    public void barrier() {
        lock.lock();
        try {
            if (users > 0) {
                map.pages().space().synchronizeCode();
                map.pages().space().settle();
            }
        } finally {
            lock.unlock();
        }
    }

    // Rewritten call sites.

    /**
     * Turns the call site before an address into a jump into the stub, if it is one that can be.
     * Called by a task of this address space at a stop there.
     *
     * @param behind where the call returns to
     * @param number the call's number at the stop
     */
    public void rewriteCallSite(long behind, long number) {
        lock.lock();
        try {
            map.callSites().rewrite(map, behind, number);
        } finally {
            lock.unlock();
        }
    }

    /**
     * While code is plain, all of it is as the program has it and stays so: for one who traces it.
     */
    public void setPlainCode(boolean plain) {
        if (plain == plainCode) {
            return;
        }
        lock.lock();
        try {
            plainCode = plain;
            map.callSites().hold(map, plain);
        } finally {
            lock.unlock();
        }
    }

    /** What an invalid instruction at an address is. */
    public SyscallRewriter.Illegal classifyIllegal(long address) {
        lock.lock();
        try {
            return map.callSites().classify(map, address);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Where a thread goes on whose fault comes from a cell that another has taken away, as if it
     * had not been there; -1 when the fault is the guest's own.
     */
    public long leaveLostCell(long instruction, long faultAddress) {
        lock.lock();
        try {
            return map.callSites().leaveLostCell(map, instruction, faultAddress);
        } finally {
            lock.unlock();
        }
    }

    /** The call site that a thread in the middle of a cell came from, or null. */
    public @Nullable CallSite siteOfCell(long instruction) {
        lock.lock();
        try {
            return map.callSites().siteOfCell(instruction);
        } finally {
            lock.unlock();
        }
    }

    // Views.

    /**
     * All areas in order.
     *
     * @param withResidency whether to ask the host what is in memory (smaps, not maps)
     */
    public List<AreaView> areas(boolean withResidency) {
        lock.lock();
        try {
            return MemoryViews.areas(map, withResidency);
        } finally {
            lock.unlock();
        }
    }

    /** The area at an address, or null. */
    public @Nullable AreaView findArea(long address) {
        lock.lock();
        try {
            VmArea area = address < 0 ? null : map.areas().find(address);
            return area == null ? null : MemoryViews.view(map, area, false);
        } finally {
            lock.unlock();
        }
    }

    public MemoryStatistics statistics() {
        lock.lock();
        try {
            return MemoryViews.statistics(map);
        } finally {
            lock.unlock();
        }
    }

    public ProgramLayout programLayout() {
        lock.lock();
        try {
            return map.program;
        } finally {
            lock.unlock();
        }
    }

    public void setProgramLayout(ProgramLayout layout) {
        lock.lock();
        try {
            map.program = layout;
        } finally {
            lock.unlock();
        }
    }

    /** Where the heap starts. */
    public long breakStart() {
        lock.lock();
        try {
            return map.breakStart;
        } finally {
            lock.unlock();
        }
    }

    /** Where the heap ends. */
    public long breakEnd() {
        lock.lock();
        try {
            return map.breakEnd;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int restoreOrder() {
        return RestoreOrder.FOUNDATIONS;
    }

    @Override
    public void afterRestore(RestoreContext context) throws RestoreException {
        lock.lock();
        try {
            map.restore(context.require(Platform.class), users > 0);
        } catch (PlatformException e) {
            throw new RestoreException("no room for an address space: " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }
}
