/**
 * The composition root: {@link dev.runsc.kernel.Kernel} boots or restores a sandbox's kernel and is
 * all that the runtime sees of it. Layers below it, lowest first: sync; auth and time; platform;
 * memory; vfs; fs, net; task; the file systems that show tasks; syscalls.
 *
 * <p>{@code SandboxState} is the root of the object graph, {@code KernelSchema} the list of all
 * types an image may hold. {@code FileSystems} saves files in memory without the rest, as records
 * of their own; {@code FileImage} brings them into a container that is being made.
 */
package dev.runsc.kernel;
