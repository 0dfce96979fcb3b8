/**
 * The host's cgroups (cgroups(7)): the limits of a container are set on the processes of its
 * sandbox, which are all the host sees of it.
 *
 * <p>{@link dev.runsc.cli.cgroup.CgroupMounts} says how this host mounts them, {@link
 * dev.runsc.cli.cgroup.Cgroup} is one cgroup with its two implementations (version 1: a directory
 * per hierarchy; version 2: one directory), {@link dev.runsc.cli.cgroup.Resources} what config.json
 * wants. A host with both counts as version 1, for controllers live there.
 *
 * <p>A {@link dev.runsc.cli.cgroup.CgroupState} stands in the container's state file: the
 * directories, and those that we have made ourselves and therefore remove. Nothing here locks; the
 * callers hold the container's lock.
 */
@NullMarked
package dev.runsc.cli.cgroup;

import org.jspecify.annotations.NullMarked;
