package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct sysinfo} (linux/sysinfo.h); loads are fixed point with 16 fraction bits. */
public record Sysinfo(
        long uptimeSeconds,
        long load1,
        long load5,
        long load15,
        long totalRam,
        long freeRam,
        long sharedRam,
        long bufferRam,
        long totalSwap,
        long freeSwap,
        int processes,
        long totalHigh,
        long freeHigh,
        int unitBytes)
        implements AbiStruct {
    public static final int BYTES = 112;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Sysinfo readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long uptimeSeconds = in.getLong();
        long load1 = in.getLong();
        long load5 = in.getLong();
        long load15 = in.getLong();
        long totalRam = in.getLong();
        long freeRam = in.getLong();
        long sharedRam = in.getLong();
        long bufferRam = in.getLong();
        long totalSwap = in.getLong();
        long freeSwap = in.getLong();
        int processes = in.getShort() & 0xffff;
        in.position(in.position() + 6);
        long totalHigh = in.getLong();
        long freeHigh = in.getLong();
        int unitBytes = in.getInt();
        in.position(in.position() + 4);
        return new Sysinfo(
                uptimeSeconds,
                load1,
                load5,
                load15,
                totalRam,
                freeRam,
                sharedRam,
                bufferRam,
                totalSwap,
                freeSwap,
                processes,
                totalHigh,
                freeHigh,
                unitBytes);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(uptimeSeconds);
        out.putLong(load1);
        out.putLong(load5);
        out.putLong(load15);
        out.putLong(totalRam);
        out.putLong(freeRam);
        out.putLong(sharedRam);
        out.putLong(bufferRam);
        out.putLong(totalSwap);
        out.putLong(freeSwap);
        out.putShort((short) processes);
        AbiStruct.putZeros(out, 6);
        out.putLong(totalHigh);
        out.putLong(freeHigh);
        out.putInt(unitBytes);
        AbiStruct.putZeros(out, 4);
    }
}
