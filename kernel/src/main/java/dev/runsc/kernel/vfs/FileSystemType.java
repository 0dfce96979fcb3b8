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

    /** Whether /proc/filesystems says nodev. */
    default boolean needsDevice() {
        return false;
    }
}
