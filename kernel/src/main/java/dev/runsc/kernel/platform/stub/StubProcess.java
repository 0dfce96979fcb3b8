package dev.runsc.kernel.platform.stub;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.CloneFlags;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Membarrier;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.abi.SyscallNumbers;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostProcess;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A host process that runs the threads of one guest address space at a time. */
final class StubProcess {
    private static final long THREAD_FLAGS =
            CloneFlags.CLONE_VM
                    | CloneFlags.CLONE_FS
                    | CloneFlags.CLONE_FILES
                    | CloneFlags.CLONE_SIGHAND
                    | CloneFlags.CLONE_THREAD
                    | CloneFlags.CLONE_SYSVSEM
                    | CloneFlags.CLONE_PARENT_SETTID
                    | CloneFlags.CLONE_CHILD_CLEARTID;

    /** Threads kept for reuse within an address space: one costs the host about 50 us to make. */
    private static final int PARKED_LIMIT = 8;

    /** How long {@link #clean} waits for all threads to end before it takes that for granted. */
    private static final long PATIENCE_NANOS = 1_000_000_000;

    private final StubPlatform platform;
    private final ControlMemory control;
    private final int block;
    private final HostFd descriptor;
    private final int pid;
    private final int eventNumber;
    private final RequestRing ring;
    private final KernelLock lock = new KernelLock(LockClass.PLATFORM);

    /** Threads in use. */
    @GuardedBy("lock")
    private final Set<StubContext> contexts = new HashSet<>();

    /** Threads not in use that stand at a stop. */
    @GuardedBy("lock")
    private final ArrayDeque<StubContext> parked = new ArrayDeque<>();

    /** Threads that were told to end; their slots are free once they have. */
    @GuardedBy("lock")
    private final ArrayDeque<StubContext> leaving = new ArrayDeque<>();

    @GuardedBy("lock")
    private boolean ended;

    /** Whether the process has told the host that it wants {@link #synchronizeCode}. */
    @GuardedBy("lock")
    private boolean registered;

    /** Whether the guest uses GS base itself, so that it cannot lead threads to their slots. */
    private volatile boolean guestHasGs;

    StubProcess(StubPlatform platform, int block, Template.Fork fork) {
        this.platform = platform;
        this.control = platform.control();
        this.block = block;
        this.descriptor = fork.process();
        this.pid = fork.pid();
        this.eventNumber = fork.eventNumber();
        this.ring = new RequestRing(platform, block, fork.event(), fork.eventNumber());
    }

    int block() {
        return block;
    }

    HostFd descriptor() {
        return descriptor;
    }

    RequestRing ring() {
        return ring;
    }

    StubPlatform platform() {
        return platform;
    }

    boolean hasEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    // ---- Threads ----

    /** A guest thread at a stop with clean registers. */
    StubContext newContext() throws PlatformException {
        StubContext former;
        StubContext left;
        lock.lock();
        try {
            former = parked.pollLast();
            boolean slotFree = former == null && !leaving.isEmpty() && leaving.getFirst().exited();
            left = slotFree ? leaving.removeFirst() : null;
        } finally {
            lock.unlock();
        }
        if (former != null) {
            StubContext context = add(former.slotNumber());
            context.adopt(former);
            return context;
        }
        StubContext context = add(left == null ? control.takeSlot() : left.slotNumber());
        bear(context, left != null);
        return context;
    }

    private StubContext add(int slot) throws PlatformException {
        lock.lock();
        try {
            if (ended) {
                control.freeSlot(slot);
                throw new PlatformException("the guest process is gone");
            }
            StubContext context = new StubContext(this, slot);
            contexts.add(context);
            return context;
        } finally {
            lock.unlock();
        }
    }

    private void bear(StubContext context, boolean mapped) throws PlatformException {
        int slot = context.slotNumber();
        if (!mapped) {
            ring.queue(
                    0,
                    SyscallNumbers.SYS_mmap,
                    ControlMemory.slotAddress(slot),
                    StubLayout.STUB_SLOT_SIZE,
                    MmapFlags.PROT_READ | MmapFlags.PROT_WRITE,
                    MmapFlags.MAP_SHARED | MmapFlags.MAP_FIXED,
                    StubLayout.STUB_FD_CONTROL,
                    ControlMemory.slotOffset(slot));
        }
        context.prepareBirth();
        ring.bear(
                ControlMemory.slotAddress(slot),
                ControlMemory.slotAddress(slot) + SlotLayout.SLOT_STACK,
                StubLayout.STUB_SLOT_SIZE - SlotLayout.SLOT_STACK,
                THREAD_FLAGS,
                context);
    }

    /** The thread is not needed any more; it stands at a stop, or is gone. */
    void release(StubContext context) {
        lock.lock();
        try {
            if (!contexts.remove(context)) {
                return;
            }
            if (ended) {
                control.freeSlot(context.slotNumber());
            } else if (!context.gone() && parked.size() < PARKED_LIMIT) {
                parked.addLast(context);
            } else {
                leave(context);
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void leave(StubContext context) {
        if (!context.gone()) {
            context.exit();
        }
        leaving.addLast(context);
    }

    /** Sends the kick signal to a thread; it may be gone. */
    void kick(int threadId) {
        ring.send(SyscallNumbers.SYS_tgkill, pid, threadId, StubLayout.STUB_KICK_SIGNAL);
    }

    // ---- Code ----

    /** Carries out {@code AddressSpace.synchronizeCode}. */
    void synchronizeCode() {
        boolean first;
        lock.lock();
        try {
            first = !registered;
            registered = true;
        } finally {
            lock.unlock();
        }
        if (first) {
            membarrier(Membarrier.MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE);
        }
        membarrier(Membarrier.MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE);
    }

    private void membarrier(int membarrierCommand) {
        ring.queue(
                RingLayout.ENTRY_FLAG_MAY_FAIL,
                SyscallNumbers.SYS_membarrier,
                membarrierCommand,
                0,
                0,
                0,
                0,
                0);
    }

    // ---- GS base ----

    /** Whether threads keep their slot's address in GS base. */
    boolean slotsInGs() {
        return platform.fastEntry() && !guestHasGs;
    }

    /**
     * Leaves GS base to the guest. Threads lose what is theirs there when they next stop; none
     * begins a fast call until then, for the way into the fast entry is closed first.
     */
    void leaveGs() {
        if (!slotsInGs()) {
            return;
        }
        List<StubContext> all;
        lock.lock();
        try {
            guestHasGs = true;
            ring.callPointer(false);
            all = List.copyOf(contexts);
        } finally {
            lock.unlock();
        }
        all.forEach(StubContext::loseSlotInGs);
    }

    // ---- Reuse and end ----

    /**
     * The address space was released: keeps the process for another one, or ends it if it may still
     * be at work.
     */
    void retire() {
        boolean idle;
        lock.lock();
        try {
            idle = contexts.isEmpty() && !ended;
        } finally {
            lock.unlock();
        }
        if (idle) {
            platform.pool().give(this);
        } else {
            kill();
        }
    }

    /**
     * Makes a used process as good as new, with one thread at its first stop. A thread that stayed
     * could take over the next guest, and that a thread ended is something only the host can say:
     * unshare(CLONE_THREAD) fails in a process that has another one. The manager checks it and
     * would end the process.
     *
     * @return false when the process is gone
     */
    boolean clean() {
        List<StubContext> former = letThreadsEnd();
        try {
            awaitEnds(former);
            demand(SyscallNumbers.SYS_unshare, CloneFlags.CLONE_THREAD, 0);
            demand(SyscallNumbers.SYS_munmap, 0, StubLayout.STUB_BASE);
            long slots = (long) StubLayout.STUB_SLOT_COUNT * StubLayout.STUB_SLOT_SIZE;
            demand(SyscallNumbers.SYS_munmap, StubLayout.STUB_SLOTS, slots);
            ring.flush();
            forget(former);
            guestHasGs = false;
            ring.callPointer(platform.fastEntry());
            ring.clearReply();
            newContext().release();
            return true;
        } catch (PlatformException e) {
            // It had ended, or has now. The watcher frees what it held.
            kill();
            return false;
        }
    }

    /**
     * An exiting thread tells its slot, where any guest thread can write, and is gone soon after.
     */
    private void awaitEnds(List<StubContext> former) throws PlatformException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        for (StubContext context : former) {
            context.awaitExit(deadline);
        }
        while (!ring.ask(SyscallNumbers.SYS_unshare, CloneFlags.CLONE_THREAD)
                && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
    }

    private void demand(int number, long a, long b) {
        ring.queue(RingLayout.ENTRY_FLAG_MUST_SUCCEED, number, a, b, 0, 0, 0, 0);
    }

    private List<StubContext> letThreadsEnd() {
        lock.lock();
        try {
            while (!parked.isEmpty()) {
                leave(parked.removeFirst());
            }
            return List.copyOf(leaving);
        } finally {
            lock.unlock();
        }
    }

    /** The slots are mapped nowhere any more. */
    private void forget(List<StubContext> former) throws PlatformException {
        lock.lock();
        try {
            if (ended) {
                throw new PlatformException("the guest process is gone");
            }
            leaving.clear();
            former.forEach(context -> control.freeSlot(context.slotNumber()));
        } finally {
            lock.unlock();
        }
    }

    /** Ends the process, soon. */
    void kill() {
        lock.lock();
        try {
            if (!ended) {
                HostProcess.pidfdSendSignal(descriptor.number(), SignalNumbers.SIGKILL);
            }
        } catch (ErrnoException e) {
            // ESRCH: it has ended by itself, and the watcher is about to say so.
            assert e != null;
        } finally {
            lock.unlock();
        }
    }

    /** The watcher saw the end: wakes all threads that wait for it and frees what it held. */
    void ended() {
        List<StubContext> stopped;
        lock.lock();
        try {
            ended = true;
            stopped = List.copyOf(contexts);
            parked.forEach(context -> control.freeSlot(context.slotNumber()));
            leaving.forEach(context -> control.freeSlot(context.slotNumber()));
            parked.clear();
            leaving.clear();
            descriptor.close();
        } finally {
            lock.unlock();
        }
        // First those who wait for a stop: one of them may hold the ring.
        for (StubContext context : stopped) {
            context.processGone();
        }
        ring.gone();
        platform.closeDescriptor(eventNumber);
        control.freeBlock(block);
    }

    /** For messages. */
    @Override
    public String toString() {
        return "stub process " + pid;
    }
}
