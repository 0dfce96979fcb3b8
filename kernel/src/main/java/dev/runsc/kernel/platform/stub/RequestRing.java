package dev.runsc.kernel.platform.stub;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SyscallNumbers;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostPoll;
import dev.runsc.gofer.host.TurnWord;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import java.nio.ByteBuffer;

/**
 * Host calls for a stub process's manager thread. Calls are carried out in order. What was carried
 * out is learned from an eventfd that only the manager can write: the kernel reuses memory on the
 * strength of it, so it must not be something that a guest can forge. The words in the reply page
 * only say when looking at the eventfd is worth while.
 */
final class RequestRing {
    /** Added to the eventfd when the process is gone. */
    private static final long EVENT_GONE = 1L << 40;

    /** The process's block of the control memory: the ring and the reply page. */
    private final ByteBuffer block;

    /** Where {@link RingLayout#RING_HEAD} and {@link RingLayout#REPLY_DONE} are in this process. */
    private final long headAddress;

    private final long doneAddress;

    private final HostFd event;

    /** Looks at the reply page before sleeping on the eventfd. */
    private final int spin;

    private final KernelLock lock = new KernelLock(LockClass.PLATFORM);

    /** Requests written; those up to {@link #posted} can be seen by the manager. */
    @GuardedBy("lock")
    private int written;

    @GuardedBy("lock")
    private int posted;

    /** Requests known to be carried out. */
    @GuardedBy("lock")
    private int confirmed;

    /**
     * Whether a request that the caller must know to be done is not confirmed. Read without the
     * lock as a hint.
     */
    private volatile boolean dirty;

    @GuardedBy("lock")
    private boolean broken;

    RequestRing(StubPlatform platform, int block, HostFd event, int eventNumber) {
        ControlMemory control = platform.control();
        this.spin = platform.spinLimit();
        this.block = control.block(block);
        long address = control.address(ControlMemory.blockOffset(block));
        this.headAddress = address + RingLayout.RING_HEAD;
        this.doneAddress = address + StubLayout.CONTROL_REPLY_OFFSET + RingLayout.REPLY_DONE;
        this.event = event;
        RingLayout.setUp(this.block, platform.features(), eventNumber);
    }

    /** Which way calls from rewritten sites take from now on. */
    void callPointer(boolean fast) {
        RingLayout.callPointer(block, fast);
    }

    boolean dirty() {
        return dirty;
    }

    /** Queues a call whose effect is needed before guest code runs again. */
    void queue(int flags, int number, long a, long b, long c, long d, long e, long f) {
        lock.lock();
        try {
            write(flags, number, a, b, c, d, e, f);
            dirty = true;
        } finally {
            lock.unlock();
        }
    }

    /** Carries out a call soon, without waiting for it or caring how it ends. */
    void send(int number, long a, long b, long c) {
        lock.lock();
        try {
            write(RingLayout.ENTRY_FLAG_MAY_FAIL, number, a, b, c, 0, 0, 0);
            post();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Carries out a call and says whether it succeeded, as far as the guest's process can be
     * believed.
     */
    boolean ask(int number, long argument) throws PlatformException {
        lock.lock();
        try {
            flush();
            write(RingLayout.ENTRY_FLAG_MAY_FAIL, number, argument, 0, 0, 0, 0, 0);
            dirty = true;
            flush();
            return RingLayout.result(block) == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Leaves nothing of one guest for the next. */
    void clearReply() {
        RingLayout.clearReply(block);
    }

    /**
     * Makes a thread and waits for its first stop.
     *
     * @param stackAddress its alternate stack
     */
    void bear(
            long slotAddress,
            long stackAddress,
            long stackBytes,
            long cloneFlags,
            StubContext context)
            throws PlatformException {
        lock.lock();
        try {
            RingLayout.birthStack(block, stackAddress, stackBytes);
            write(
                    RingLayout.ENTRY_FLAG_CLONE,
                    SyscallNumbers.SYS_clone,
                    cloneFlags,
                    0,
                    slotAddress + SlotLayout.SLOT_THREAD_ID,
                    slotAddress + SlotLayout.SLOT_STATE,
                    0,
                    slotAddress);
            dirty = true;
            flush();
            // The new thread reads the stack's place after the manager went on: nobody else may be
            // born till then.
            context.awaitBirth();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all queued calls are carried out. */
    void flush() throws PlatformException {
        lock.lock();
        try {
            if (dirty) {
                confirm();
            }
            if (broken) {
                throw new PlatformException(
                        "the host refused a mapping (errno "
                                + -RingLayout.error(block)
                                + "), or the guest process is gone");
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void write(int flags, int number, long a, long b, long c, long d, long e, long f) {
        if (written - confirmed == RingLayout.RING_ENTRIES - 1) {
            confirm();
        }
        RingLayout.request(block, entry(written), number, flags, a, b, c, d, e, f);
        written++;
    }

    private static int entry(int index) {
        return RingLayout.RING_FIRST_ENTRY
                + (index & (RingLayout.RING_ENTRIES - 1)) * RingLayout.RING_ENTRY_SIZE;
    }

    @GuardedBy("lock")
    private void post() {
        if (posted == written || broken) {
            return;
        }
        posted = written;
        RingLayout.postHead(block, posted);
        // Always: whether the manager sleeps is something that only a guest could tell us.
        HostCalls.futexWake(headAddress);
    }

    /** Posts what is queued with a request to report the end of it, and waits for that. */
    @GuardedBy("lock")
    private void confirm() {
        if (broken) {
            confirmed = written;
            posted = written;
            dirty = false;
            return;
        }
        if (posted == written) {
            RingLayout.request(block, entry(written), SyscallNumbers.SYS_sched_yield, 0);
            written++;
        }
        RingLayout.addFlags(block, entry(written - 1), RingLayout.ENTRY_FLAG_NOTIFY);
        post();
        TurnWord.lookFor(doneAddress, posted, spin);
        try {
            long told = HostPoll.takeEvent(event.number());
            if (told != 1) {
                broken = true;
            }
        } catch (ErrnoException e) {
            throw new AssertionError("an eventfd cannot fail", e);
        }
        confirmed = written;
        // Not before: a thread that reads it without the lock may run guest code then.
        dirty = false;
    }

    /** The process is gone: whoever waits, waits no longer. */
    void gone() {
        try {
            HostPoll.signalEvent(event.number(), EVENT_GONE);
        } catch (ErrnoException e) {
            throw new AssertionError("an eventfd cannot fail", e);
        }
        lock.lock();
        try {
            broken = true;
            event.close();
        } finally {
            lock.unlock();
        }
    }
}
