package dev.runsc.kernel.fs.overlay;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.MemoryInode;
import dev.runsc.kernel.vfs.NewInode;
import dev.runsc.kernel.vfs.RawName;
import org.jspecify.annotations.Nullable;

/** What the overlay writes into its upper tree: whiteouts, opaque marks, origins. */
final class Marks {
    private static final byte[] YES = {'y'};

    private Marks() {}

    /** Whether an inode of a layer says that a name is gone: a character device 0/0. */
    static boolean isWhiteout(Inode inode) {
        return inode.type() == FileMode.S_IFCHR && inode.deviceNumber() == 0;
    }

    /** Covers a lower name. The name must be free in the upper directory. */
    static void makeWhiteout(Caller caller, Inode upperDirectory, String name)
            throws ErrnoException {
        upperDirectory.create(caller, name, new NewInode(FileMode.S_IFCHR, 0, 0, 0));
    }

    static boolean isOpaque(Inode directory) {
        byte[] value = find(directory, OverlayFileSystem.OPAQUE);
        return value != null && value.length == 1 && value[0] == 'y';
    }

    static void makeOpaque(Caller caller, Inode directory) throws ErrnoException {
        directory.setXattr(caller, OverlayFileSystem.OPAQUE, YES, 0);
    }

    /** The number noted at the copy-up, or null. */
    static @Nullable Long origin(Inode upper) {
        byte[] value = find(upper, OverlayFileSystem.ORIGIN);
        return value == null ? null : Long.parseUnsignedLong(RawName.of(value), 16);
    }

    static void noteOrigin(Caller caller, Inode upper, long number) throws ErrnoException {
        byte[] value = RawName.bytes(Long.toHexString(number));
        upper.setXattr(caller, OverlayFileSystem.ORIGIN, value, 0);
    }

    /** Only trees in memory carry marks: a gofer shows none of the trusted family. */
    private static byte @Nullable [] find(Inode inode, String name) {
        return inode instanceof MemoryInode memory ? memory.findXattr(name) : null;
    }
}
