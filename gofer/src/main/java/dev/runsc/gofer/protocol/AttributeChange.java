package dev.runsc.gofer.protocol;

import dev.runsc.gofer.abi.Timespec;

/**
 * What to change of a node's attributes; {@code mask} says which fields count. Times may carry
 * {@code UTIME_NOW} as nanoseconds.
 */
public record AttributeChange(
        int mask, int mode, int uid, int gid, long size, Timespec atime, Timespec mtime) {
    public static final int MODE = 1;
    public static final int UID = 2;
    public static final int GID = 4;
    public static final int SIZE = 8;
    public static final int ATIME = 16;
    public static final int MTIME = 32;

    /** utimensat(2): take the time of the call, leave the time alone. */
    public static final long UTIME_NOW = (1L << 30) - 1;

    public static final long UTIME_OMIT = (1L << 30) - 2;

    private static final int ALL = MODE | UID | GID | SIZE | ATIME | MTIME;
    private static final Timespec ZERO = new Timespec(0, 0);

    /** Changes nothing; the start of a change. */
    public static final AttributeChange NOTHING = new AttributeChange(0, 0, 0, 0, 0, ZERO, ZERO);

    public boolean has(int field) {
        return (mask & field) != 0;
    }

    public AttributeChange withMode(int value) {
        return new AttributeChange(mask | MODE, value, uid, gid, size, atime, mtime);
    }

    public AttributeChange withUid(int value) {
        return new AttributeChange(mask | UID, mode, value, gid, size, atime, mtime);
    }

    public AttributeChange withGid(int value) {
        return new AttributeChange(mask | GID, mode, uid, value, size, atime, mtime);
    }

    public AttributeChange withSize(long value) {
        return new AttributeChange(mask | SIZE, mode, uid, gid, value, atime, mtime);
    }

    public AttributeChange withAtime(Timespec value) {
        return new AttributeChange(mask | ATIME, mode, uid, gid, size, value, mtime);
    }

    public AttributeChange withMtime(Timespec value) {
        return new AttributeChange(mask | MTIME, mode, uid, gid, size, atime, value);
    }

    void writeTo(MessageWriter out) {
        out.s32(mask).s32(mode).s32(uid).s32(gid).s64(size);
        NodeAttributes.writeTime(out, atime);
        NodeAttributes.writeTime(out, mtime);
    }

    static AttributeChange readFrom(MessageReader in) throws ProtocolException {
        AttributeChange change =
                new AttributeChange(
                        in.s32(),
                        in.s32(),
                        in.s32(),
                        in.s32(),
                        in.s64(),
                        NodeAttributes.readTime(in),
                        NodeAttributes.readTime(in));
        if ((change.mask & ~ALL) != 0 || change.size < 0) {
            throw new ProtocolException("impossible change of attributes");
        }
        return change;
    }
}
