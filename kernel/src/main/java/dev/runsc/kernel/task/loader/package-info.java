/**
 * Programs into memory: {@link dev.runsc.kernel.task.loader.ProgramLoader} reads ELF files and
 * scripts and answers with a {@link dev.runsc.kernel.task.LoadedImage}, which execve then takes on.
 * Files are read and mapped through the file layer; every header is checked before it is used.
 *
 * <p>Saved: a LoadedImage, while its task waits in execve for its sibling threads to end.
 */
package dev.runsc.kernel.task.loader;
