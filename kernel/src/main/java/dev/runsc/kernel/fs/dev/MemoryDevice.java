package dev.runsc.kernel.fs.dev;

import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Device;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.VirtualFileSystem;

/** The devices of major number 1 (Linux drivers/char/mem.c, null(4), full(4), random(4)). */
public enum MemoryDevice implements Device {
    NULL("null", 3),
    ZERO("zero", 5),
    FULL("full", 7),
    RANDOM("random", 8),
    URANDOM("urandom", 9);

    /** Their major number. */
    public static final int MAJOR = 1;

    private final String fileName;
    private final int minor;

    MemoryDevice(String fileName, int minor) {
        this.fileName = fileName;
        this.minor = minor;
    }

    public String fileName() {
        return fileName;
    }

    public int minor() {
        return minor;
    }

    /** Makes device files of these numbers work. */
    public static void register(VirtualFileSystem vfs) {
        for (MemoryDevice device : values()) {
            vfs.registerCharacterDevice(MAJOR, device.minor, device);
        }
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) {
        return new MemoryDeviceFile(this, location, flags);
    }
}
