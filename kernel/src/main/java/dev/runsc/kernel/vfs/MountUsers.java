package dev.runsc.kernel.vfs;

import dev.runsc.state.Savable;

/** Knows whether some task's root, working directory, descriptor or mapping lies in a mount, for EBUSY of umount(2). */
public interface MountUsers extends Savable {
    boolean isUsed(Mount mount);
}
