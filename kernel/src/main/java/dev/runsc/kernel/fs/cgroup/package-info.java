/**
 * The file systems {@code cgroup2} and {@code cgroup}: directories that are control groups, and
 * their files.
 *
 * <p>There is one {@link dev.runsc.kernel.fs.cgroup.CgroupFileSystem} for each hierarchy, however
 * often it is mounted; a mount shows what the mounter's cgroup namespace has for the root. {@link
 * dev.runsc.kernel.fs.cgroup.CgroupFiles} makes them and keeps them. A kind of file is a row of
 * {@link dev.runsc.kernel.fs.cgroup.CoreFile}, {@link dev.runsc.kernel.fs.cgroup.UnifiedFile} or
 * {@link dev.runsc.kernel.fs.cgroup.LegacyFile}; control clients read and write them without any
 * mount.
 *
 * <p>What is enforced: pids.max, cgroup.max.*, cgroup.freeze, cgroup.kill, and where version 2 lets
 * tasks be. What is measured: processor time, tasks, memory. Other limits are kept and shown; those
 * of memory and processors that a container's configuration has are enforced by the host.
 *
 * <p>Directory and file inodes are kept as long as their group, with owner and mode. All is saved.
 */
@NullMarked
package dev.runsc.kernel.fs.cgroup;

import org.jspecify.annotations.NullMarked;
