package dev.runsc.kernel.vfs;

/**
 * What a new file starts with.
 *
 * @param mode type and permission bits, umask and inherited set-group-id applied
 * @param uid owner
 * @param gid group
 * @param deviceNumber for device files, in the form of {@code st_rdev}
 */
public record NewInode(int mode, int uid, int gid, long deviceNumber) {}
