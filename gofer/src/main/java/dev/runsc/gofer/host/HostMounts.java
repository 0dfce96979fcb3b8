package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.AtFlags.AT_EMPTY_PATH;
import static dev.runsc.gofer.abi.AtFlags.AT_FDCWD;
import static dev.runsc.gofer.abi.AtFlags.AT_RECURSIVE;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_mount_setattr;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_open_tree;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MountApiFlags;
import dev.runsc.gofer.abi.MountFlags;
import java.nio.ByteBuffer;

/**
 * Copies of the host's mounts that are in no mount namespace (open_tree(2)): nobody else sees them,
 * and they are gone with their last descriptor.
 */
public final class HostMounts {
    /** {@code struct mount_attr}: attr_set, attr_clr, propagation, userns_fd. */
    private static final int ATTRIBUTE_BYTES = 32;

    private static final int PROPAGATION = 16;

    private HostMounts() {}

    /**
     * Copies the mount at a path, beginning there; the descriptor is one of O_PATH.
     *
     * @param recursive with the mounts below
     */
    public static HostFd copy(String path, boolean recursive) throws ErrnoException {
        long name = Scratch.get().path(Scratch.utf8(path));
        int flags =
                MountApiFlags.OPEN_TREE_CLONE
                        | MountApiFlags.OPEN_TREE_CLOEXEC
                        | (recursive ? AT_RECURSIVE : 0);
        return HostFd.own((int) Syscall.call(SYS_open_tree, AT_FDCWD, name, flags));
    }

    /** Of what is mounted elsewhere later, only that comes to a copy which it follows. */
    public static void follow(int copy, boolean recursive) throws ErrnoException {
        propagate(copy, MountFlags.MS_SLAVE, recursive);
    }

    /** Nothing that is mounted elsewhere later comes to the copy. */
    public static void makePrivate(int copy, boolean recursive) throws ErrnoException {
        propagate(copy, MountFlags.MS_PRIVATE, recursive);
    }

    /** mount_setattr(2). */
    private static void propagate(int copy, long type, boolean recursive) throws ErrnoException {
        Scratch scratch = Scratch.get();
        long empty = scratch.path(new byte[0]);
        ByteBuffer attributes = scratch.data();
        for (int at = 0; at < ATTRIBUTE_BYTES; at += Long.BYTES) {
            attributes.putLong(at, at == PROPAGATION ? type : 0);
        }
        int flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
        Syscall.call(SYS_mount_setattr, copy, empty, flags, scratch.dataAddress(), ATTRIBUTE_BYTES);
    }
}
