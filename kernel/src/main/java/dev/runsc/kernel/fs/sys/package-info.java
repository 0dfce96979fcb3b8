/**
 * The sys file system (sysfs(5)), as much of it as programs look for: processors and their
 * topology, one memory node, huge pages, and the empty directories that stand for devices that are
 * not there.
 *
 * <p>{@link dev.runsc.kernel.fs.sys.SysFileSystem} is built once from the machine's description and
 * never changes. It is saved whole. Locks as in {@code fs.synthetic}.
 */
@NullMarked
package dev.runsc.kernel.fs.sys;

import org.jspecify.annotations.NullMarked;
