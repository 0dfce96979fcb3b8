package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct stat} of x86-64 (asm/stat.h), as stat(2) fills it. Numbers are unsigned in Linux.
 */
public record Stat(
        long dev,
        long ino,
        long nlink,
        int mode,
        int uid,
        int gid,
        long rdev,
        long size,
        long blockSize,
        long blocks,
        Timespec atime,
        Timespec mtime,
        Timespec ctime)
        implements AbiStruct {
    public static final int BYTES = 144;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Stat readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long dev = in.getLong();
        long ino = in.getLong();
        long nlink = in.getLong();
        int mode = in.getInt();
        int uid = in.getInt();
        int gid = in.getInt();
        in.position(in.position() + 4);
        long rdev = in.getLong();
        long size = in.getLong();
        long blockSize = in.getLong();
        long blocks = in.getLong();
        Timespec atime = Timespec.readFrom(in);
        Timespec mtime = Timespec.readFrom(in);
        Timespec ctime = Timespec.readFrom(in);
        in.position(in.position() + 24);
        return new Stat(
                dev, ino, nlink, mode, uid, gid, rdev, size, blockSize, blocks, atime, mtime,
                ctime);
    }

    /** The same file with other owners. */
    public Stat withOwner(int otherUid, int otherGid) {
        return new Stat(
                dev, ino, nlink, mode, otherUid, otherGid, rdev, size, blockSize, blocks, atime,
                mtime, ctime);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(dev);
        out.putLong(ino);
        out.putLong(nlink);
        out.putInt(mode);
        out.putInt(uid);
        out.putInt(gid);
        AbiStruct.putZeros(out, 4);
        out.putLong(rdev);
        out.putLong(size);
        out.putLong(blockSize);
        out.putLong(blocks);
        atime.writeTo(out);
        mtime.writeTo(out);
        ctime.writeTo(out);
        AbiStruct.putZeros(out, 24);
    }
}
