/**
 * The sandbox process: a JVM that runs the kernel and answers commands.
 *
 * <p>{@link dev.runsc.cli.boot.SandboxMain} reads the boot document and starts the rest; {@link
 * dev.runsc.cli.boot.Loader} is the life of the root container (created, running, ended) and of its
 * kernel, which a restore replaces; {@link dev.runsc.cli.boot.ControlMethods} maps requests onto
 * it; {@link dev.runsc.cli.boot.GuestKernel} is what is asked of a kernel.
 *
 * <p>Nothing here is saved: a restored sandbox is a new process whose loader gets its kernel from
 * an image. One lock, the loader's own monitor, guards its state; no call into the kernel that may
 * wait is made under it.
 */
@NullMarked
package dev.runsc.cli.boot;

import org.jspecify.annotations.NullMarked;
