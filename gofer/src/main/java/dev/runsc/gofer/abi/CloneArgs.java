package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct clone_args} of clone3(2), version 2. */
public record CloneArgs(
        long flags,
        long pidfdAddress,
        long childTidAddress,
        long parentTidAddress,
        long exitSignal,
        long stackAddress,
        long stackSizeBytes,
        long tlsAddress,
        long setTidAddress,
        long setTidCount,
        long cgroupFd)
        implements AbiStruct {
    public static final int BYTES = 88;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static CloneArgs readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long flags = in.getLong();
        long pidfdAddress = in.getLong();
        long childTidAddress = in.getLong();
        long parentTidAddress = in.getLong();
        long exitSignal = in.getLong();
        long stackAddress = in.getLong();
        long stackSizeBytes = in.getLong();
        long tlsAddress = in.getLong();
        long setTidAddress = in.getLong();
        long setTidCount = in.getLong();
        long cgroupFd = in.getLong();
        return new CloneArgs(
                flags,
                pidfdAddress,
                childTidAddress,
                parentTidAddress,
                exitSignal,
                stackAddress,
                stackSizeBytes,
                tlsAddress,
                setTidAddress,
                setTidCount,
                cgroupFd);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(flags);
        out.putLong(pidfdAddress);
        out.putLong(childTidAddress);
        out.putLong(parentTidAddress);
        out.putLong(exitSignal);
        out.putLong(stackAddress);
        out.putLong(stackSizeBytes);
        out.putLong(tlsAddress);
        out.putLong(setTidAddress);
        out.putLong(setTidCount);
        out.putLong(cgroupFd);
    }
}
