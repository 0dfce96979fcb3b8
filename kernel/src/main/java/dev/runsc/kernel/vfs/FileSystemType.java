package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.state.Savable;

/**
 * A kind of file system that mount(2) can make (Linux {@code struct file_system_type}); handed in
 * at boot.
 */
public interface FileSystemType extends Savable {
    /** As in /proc/filesystems. */
    String name();

    /**
     * Makes an instance, or answers one that exists (proc of one PID namespace).
     *
     * @param source first argument of mount(2)
     * @param data options separated by commas
     */
    FileSystem mount(Caller caller, VirtualFileSystem vfs, String source, String data)
            throws ErrnoException;

    /** Whether administrators of any user namespace may mount it (FS_USERNS_MOUNT). */
    default boolean isForUserNamespaces() {
        return false;
    }

    /**
     * Whether an instance shows what mounts may hide, so that another one is only for who sees all
     * of one already (SB_I_USERNS_VISIBLE).
     */
    default boolean revealsMachine() {
        return false;
    }

    /** Whether /proc/filesystems says nodev. */
    default boolean needsDevice() {
        return false;
    }
}
