package dev.runsc.gofer.protocol;

import dev.runsc.gofer.abi.DeviceNumber;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Statx;
import dev.runsc.gofer.abi.StatxTimestamp;
import dev.runsc.gofer.abi.Timespec;

/**
 * The attributes of a node, as statx(2) gives them.
 *
 * @param mask which of them the file system has ({@code STATX_*}); {@code btime} is the rare one
 * @param mode type and permissions
 * @param dev the device of the file system, in the form of {@code st_dev}
 * @param rdev the device the node stands for, in the form of {@code st_rdev}
 */
public record NodeAttributes(
        int mask,
        int mode,
        int nlink,
        int uid,
        int gid,
        int blockSize,
        long ino,
        long size,
        long blocks,
        long dev,
        long rdev,
        Timespec atime,
        Timespec mtime,
        Timespec ctime,
        Timespec btime) {

    public static NodeAttributes of(Statx x) {
        return new NodeAttributes(
                x.mask(),
                x.mode(),
                x.nlink(),
                x.uid(),
                x.gid(),
                x.blockSize(),
                x.ino(),
                x.size(),
                x.blocks(),
                DeviceNumber.make(x.devMajor(), x.devMinor()),
                DeviceNumber.make(x.rdevMajor(), x.rdevMinor()),
                time(x.atime()),
                time(x.mtime()),
                time(x.ctime()),
                time(x.btime()));
    }

    private static Timespec time(StatxTimestamp time) {
        return new Timespec(time.seconds(), time.nanos());
    }

    /** The same as the struct of stat(2). */
    public Stat toStat() {
        return new Stat(
                dev, ino, nlink, mode, uid, gid, rdev, size, blockSize, blocks, atime, mtime,
                ctime);
    }

    void writeTo(MessageWriter out) {
        out.s32(mask).s32(mode).s32(nlink).s32(uid).s32(gid).s32(blockSize);
        out.s64(ino).s64(size).s64(blocks).s64(dev).s64(rdev);
        writeTime(out, atime);
        writeTime(out, mtime);
        writeTime(out, ctime);
        writeTime(out, btime);
    }

    static NodeAttributes readFrom(MessageReader in) throws ProtocolException {
        return new NodeAttributes(
                in.s32(),
                in.s32(),
                in.s32(),
                in.s32(),
                in.s32(),
                in.s32(),
                in.s64(),
                in.s64(),
                in.s64(),
                in.s64(),
                in.s64(),
                readTime(in),
                readTime(in),
                readTime(in),
                readTime(in));
    }

    static void writeTime(MessageWriter out, Timespec time) {
        out.s64(time.seconds()).s32((int) time.nanos());
    }

    static Timespec readTime(MessageReader in) throws ProtocolException {
        return new Timespec(in.s64(), in.s32());
    }
}
