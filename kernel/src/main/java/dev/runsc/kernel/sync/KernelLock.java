package dev.runsc.kernel.sync;

import java.util.ArrayList;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock of the kernel with its place in the one lock order ({@link LockClass}). With assertions
 * on, taking locks against the order fails at once and names both. It has no state to save: an
 * image holds its class alone, and a restored object gets a fresh lock.
 */
public final class KernelLock extends ReentrantLock {
    private static final long serialVersionUID = 1;
    private static final ThreadLocal<ArrayList<KernelLock>> HELD =
            ThreadLocal.withInitial(ArrayList::new);

    private final LockClass lockClass;

    public KernelLock(LockClass lockClass) {
        this.lockClass = lockClass;
    }

    public LockClass lockClass() {
        return lockClass;
    }

    @Override
    public void lock() {
        assert orderAllows() : inversion();
        super.lock();
        assert noteTaken();
    }

    @Override
    public boolean tryLock() {
        boolean taken = super.tryLock();
        assert !taken || noteTaken();
        return taken;
    }

    @Override
    public void unlock() {
        assert noteReleased();
        super.unlock();
    }

    private boolean orderAllows() {
        if (isHeldByCurrentThread()) {
            return true;
        }
        ArrayList<KernelLock> held = HELD.get();
        return held.isEmpty() || held.getLast().lockClass.compareTo(lockClass) <= 0;
    }

    private String inversion() {
        return lockClass + " taken while holding " + HELD.get().getLast().lockClass;
    }

    private boolean noteTaken() {
        HELD.get().add(this);
        return true;
    }

    private boolean noteReleased() {
        ArrayList<KernelLock> held = HELD.get();
        int last = held.lastIndexOf(this);
        if (last >= 0) {
            held.remove(last);
        }
        return true;
    }
}
