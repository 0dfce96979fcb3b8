/**
 * Control groups (Linux kernel/cgroup): trees of groups, what limits and counts they have, and
 * which groups a task is in.
 *
 * <p>{@link dev.runsc.kernel.cgroup.Cgroups} is all of it: the unified {@link
 * dev.runsc.kernel.cgroup.Hierarchy} of version 2, and those of version 1 that somebody has
 * mounted. A {@link dev.runsc.kernel.cgroup.Controller} belongs to one hierarchy at a time. A
 * {@link dev.runsc.kernel.cgroup.ControlGroup} keeps its settings by {@link
 * dev.runsc.kernel.cgroup.Quantity}, whatever version shows them. A task has a {@link
 * dev.runsc.kernel.cgroup.Membership}; a {@link dev.runsc.kernel.cgroup.CgroupNamespace} is the
 * membership that its users take for the root.
 *
 * <p>Tasks are not known here: {@code task} charges them and moves them, {@code fs.cgroup} shows
 * the files. One lock guards all trees; it comes behind the task set's. All is saved.
 */
@NullMarked
package dev.runsc.kernel.cgroup;

import org.jspecify.annotations.NullMarked;
