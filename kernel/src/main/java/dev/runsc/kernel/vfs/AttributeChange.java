package dev.runsc.kernel.vfs;

/**
 * A change of an inode's attributes (Linux {@code struct iattr}) whose permissions are checked
 * already. Times are nanoseconds since 1970.
 *
 * @param valid which of the others count
 */
public record AttributeChange(
        int valid, int mode, int uid, int gid, long accessNanos, long modifyNanos) {
    public static final int MODE = 1;
    public static final int UID = 2;
    public static final int GID = 4;
    public static final int ACCESS_TIME = 8;
    public static final int MODIFY_TIME = 16;

    /** New permission bits (the low twelve). */
    public static AttributeChange mode(int mode) {
        return new AttributeChange(MODE, mode, 0, 0, 0, 0);
    }

    /** A new owner. */
    public static AttributeChange owner(int uid, int gid) {
        return new AttributeChange(UID | GID, 0, uid, gid, 0, 0);
    }

    public boolean has(int bit) {
        return (valid & bit) != 0;
    }

    public AttributeChange withMode(int newMode) {
        return new AttributeChange(valid | MODE, newMode, uid, gid, accessNanos, modifyNanos);
    }
}
