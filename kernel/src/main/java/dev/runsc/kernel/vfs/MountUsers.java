package dev.runsc.kernel.vfs;

/**
 * Knows whether some task's root, working directory, descriptor or mapping lies in a mount, for
 * EBUSY of umount(2).
 */
public interface MountUsers {
    boolean isUsed(Mount mount);
}
