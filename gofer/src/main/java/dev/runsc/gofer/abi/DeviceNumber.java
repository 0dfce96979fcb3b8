package dev.runsc.gofer.abi;

/**
 * Device numbers as user space sees them ({@code new_encode_dev} in linux/kdev_t.h, makedev(3)).
 */
public final class DeviceNumber {
    private DeviceNumber() {}

    public static long make(int major, int minor) {
        long high = Integer.toUnsignedLong(major);
        long low = Integer.toUnsignedLong(minor);
        return (low & 0xff)
                | (high & 0xfff) << 8
                | (low & 0xffffff00L) << 12
                | (high & 0xfffff000L) << 32;
    }

    public static int major(long device) {
        return (int) ((device >>> 8 & 0xfff) | (device >>> 32 & 0xfffff000L));
    }

    public static int minor(long device) {
        return (int) ((device & 0xff) | (device >>> 12 & 0xffffff00L));
    }
}
