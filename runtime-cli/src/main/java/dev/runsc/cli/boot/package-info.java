/**
 * The sandbox process: a JVM that runs the kernel and answers commands.
 *
 * <p>{@link dev.runsc.cli.boot.SandboxMain} reads the boot document and starts the rest; {@link
 * dev.runsc.cli.boot.Loader} knows the containers of this process and their kernel; {@link
 * dev.runsc.cli.boot.Checkpoints} hands the kernel out and {@link dev.runsc.cli.boot.Restores}
 * brings another in its place, once all containers of the image have come; {@link
 * dev.runsc.cli.boot.SandboxEnd} is how the process ends; {@link dev.runsc.cli.boot.ControlMethods}
 * maps requests onto them.
 *
 * <p>Nothing here is saved: a restored sandbox is a new process whose loader gets its kernel from
 * an image. The loader's own monitor guards its state; no call into the kernel that may wait is
 * made under it. Those of checkpoints and restores are taken before it.
 */
@NullMarked
package dev.runsc.cli.boot;

import org.jspecify.annotations.NullMarked;
