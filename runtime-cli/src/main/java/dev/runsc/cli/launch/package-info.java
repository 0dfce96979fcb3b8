/**
 * Starting the processes of a sandbox: one JVM that runs the kernel, one that serves the
 * container's files.
 *
 * <p>{@link dev.runsc.cli.launch.SpecConversion} turns config.json into what the kernel takes and
 * what the gofer serves; {@link dev.runsc.cli.launch.SandboxLauncher} makes the descriptors, spawns
 * both beside each other and hands back a {@link dev.runsc.cli.launch.LaunchedSandbox}; {@link
 * dev.runsc.cli.launch.JvmCommand} knows how a JVM of ours is started.
 *
 * <p>Called by the life cycle of containers, by one thread. A sandbox that was launched and not let
 * go ends with the process that launched it, however that ends: it reads a pipe whose other end we
 * hold.
 */
@NullMarked
package dev.runsc.cli.launch;

import org.jspecify.annotations.NullMarked;
