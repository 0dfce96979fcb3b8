/**
 * The virtual file system on tmpfs: path walks, permissions, descriptors, locks, mounts, against
 * what Linux does.
 */
@NullMarked
package dev.runsc.kernel.vfs;

import org.jspecify.annotations.NullMarked;
