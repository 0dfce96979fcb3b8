package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct statx} (linux/stat.h), as statx(2) fills it. */
public record Statx(
        int mask,
        int blockSize,
        long attributes,
        int nlink,
        int uid,
        int gid,
        int mode,
        long ino,
        long size,
        long blocks,
        long attributesMask,
        StatxTimestamp atime,
        StatxTimestamp btime,
        StatxTimestamp ctime,
        StatxTimestamp mtime,
        int rdevMajor,
        int rdevMinor,
        int devMajor,
        int devMinor,
        long mountId,
        int directMemoryAlign,
        int directOffsetAlign)
        implements AbiStruct {
    public static final int BYTES = 256;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Statx readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        int mask = in.getInt();
        int blockSize = in.getInt();
        long attributes = in.getLong();
        int nlink = in.getInt();
        int uid = in.getInt();
        int gid = in.getInt();
        int mode = in.getShort() & 0xffff;
        in.position(in.position() + 2);
        long ino = in.getLong();
        long size = in.getLong();
        long blocks = in.getLong();
        long attributesMask = in.getLong();
        StatxTimestamp atime = StatxTimestamp.readFrom(in);
        StatxTimestamp btime = StatxTimestamp.readFrom(in);
        StatxTimestamp ctime = StatxTimestamp.readFrom(in);
        StatxTimestamp mtime = StatxTimestamp.readFrom(in);
        int rdevMajor = in.getInt();
        int rdevMinor = in.getInt();
        int devMajor = in.getInt();
        int devMinor = in.getInt();
        long mountId = in.getLong();
        int directMemoryAlign = in.getInt();
        int directOffsetAlign = in.getInt();
        in.position(in.position() + 96);
        return new Statx(
                mask,
                blockSize,
                attributes,
                nlink,
                uid,
                gid,
                mode,
                ino,
                size,
                blocks,
                attributesMask,
                atime,
                btime,
                ctime,
                mtime,
                rdevMajor,
                rdevMinor,
                devMajor,
                devMinor,
                mountId,
                directMemoryAlign,
                directOffsetAlign);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putInt(mask);
        out.putInt(blockSize);
        out.putLong(attributes);
        out.putInt(nlink);
        out.putInt(uid);
        out.putInt(gid);
        out.putShort((short) mode);
        AbiStruct.putZeros(out, 2);
        out.putLong(ino);
        out.putLong(size);
        out.putLong(blocks);
        out.putLong(attributesMask);
        atime.writeTo(out);
        btime.writeTo(out);
        ctime.writeTo(out);
        mtime.writeTo(out);
        out.putInt(rdevMajor);
        out.putInt(rdevMinor);
        out.putInt(devMajor);
        out.putInt(devMinor);
        out.putLong(mountId);
        out.putInt(directMemoryAlign);
        out.putInt(directOffsetAlign);
        AbiStruct.putZeros(out, 96);
    }
}
