package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct sched_attr} (linux/sched/types.h), version 1. */
public record SchedAttr(
        int size,
        int policy,
        long flags,
        int nice,
        int priority,
        long runtimeNanos,
        long deadlineNanos,
        long periodNanos,
        int utilMin,
        int utilMax)
        implements AbiStruct {
    public static final int BYTES = 56;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static SchedAttr readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        int size = in.getInt();
        int policy = in.getInt();
        long flags = in.getLong();
        int nice = in.getInt();
        int priority = in.getInt();
        long runtimeNanos = in.getLong();
        long deadlineNanos = in.getLong();
        long periodNanos = in.getLong();
        int utilMin = in.getInt();
        int utilMax = in.getInt();
        return new SchedAttr(
                size,
                policy,
                flags,
                nice,
                priority,
                runtimeNanos,
                deadlineNanos,
                periodNanos,
                utilMin,
                utilMax);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putInt(size);
        out.putInt(policy);
        out.putLong(flags);
        out.putInt(nice);
        out.putInt(priority);
        out.putLong(runtimeNanos);
        out.putLong(deadlineNanos);
        out.putLong(periodNanos);
        out.putInt(utilMin);
        out.putInt(utilMax);
    }
}
