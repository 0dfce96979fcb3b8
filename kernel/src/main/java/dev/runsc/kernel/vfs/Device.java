package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.state.Savable;

/**
 * What stands behind the device files of one number (Linux {@code struct cdev}); registered with
 * the VFS.
 */
public interface Device extends Savable {
    /** Opens a device file. May sleep. */
    FileDescription open(Caller caller, Location location, int flags) throws ErrnoException;
}
