package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct statfs} of x86-64 (asm/statfs.h). */
public record Statfs(
        long type,
        long blockSize,
        long blocks,
        long blocksFree,
        long blocksAvailable,
        long files,
        long filesFree,
        long fsid,
        long nameLength,
        long fragmentSize,
        long flags)
        implements AbiStruct {
    public static final int BYTES = 120;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Statfs readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long type = in.getLong();
        long blockSize = in.getLong();
        long blocks = in.getLong();
        long blocksFree = in.getLong();
        long blocksAvailable = in.getLong();
        long files = in.getLong();
        long filesFree = in.getLong();
        long fsid = in.getLong();
        long nameLength = in.getLong();
        long fragmentSize = in.getLong();
        long flags = in.getLong();
        in.position(in.position() + 32);
        return new Statfs(
                type,
                blockSize,
                blocks,
                blocksFree,
                blocksAvailable,
                files,
                filesFree,
                fsid,
                nameLength,
                fragmentSize,
                flags);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(type);
        out.putLong(blockSize);
        out.putLong(blocks);
        out.putLong(blocksFree);
        out.putLong(blocksAvailable);
        out.putLong(files);
        out.putLong(filesFree);
        out.putLong(fsid);
        out.putLong(nameLength);
        out.putLong(fragmentSize);
        out.putLong(flags);
        AbiStruct.putZeros(out, 32);
    }
}
