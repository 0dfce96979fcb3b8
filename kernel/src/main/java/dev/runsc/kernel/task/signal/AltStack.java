package dev.runsc.kernel.task.signal;

import dev.runsc.gofer.abi.StackT;
import dev.runsc.state.Savable;

/** The alternate signal stack of a task (sigaltstack(2)). */
public final class AltStack implements Savable {
    public static final int SS_ONSTACK = 1;
    public static final int SS_DISABLE = 2;
    public static final int SS_AUTODISARM = 1 << 31;

    private long base;
    private long sizeBytes;
    private int flags = SS_DISABLE;

    public boolean isSet() {
        return (flags & SS_DISABLE) == 0;
    }

    public boolean contains(long stackPointer) {
        return isSet()
                && (flags & SS_AUTODISARM) == 0
                && Long.compareUnsigned(stackPointer, base) > 0
                && Long.compareUnsigned(stackPointer - base, sizeBytes) <= 0;
    }

    public long top() {
        return base + sizeBytes;
    }

    public void set(long newBase, long newSizeBytes, int newFlags) {
        base = newBase;
        sizeBytes = newSizeBytes;
        flags = newFlags;
    }

    public void disable() {
        set(0, 0, SS_DISABLE);
    }

    /** After a frame was put on it. */
    public void disarmIfAuto() {
        if ((flags & SS_AUTODISARM) != 0) {
            disable();
        }
    }

    /** What sigaltstack and a signal frame show. */
    public StackT view(long stackPointer) {
        int shown = isSet() && contains(stackPointer) ? flags | SS_ONSTACK : flags;
        return new StackT(base, shown, sizeBytes);
    }

    public void copyFrom(AltStack other) {
        set(other.base, other.sizeBytes, other.flags);
    }
}
