/**
 * The containers of a root directory: one JSON file each, and the locks that keep commands apart.
 *
 * <p>{@link dev.runsc.cli.container.StateDirectory} finds, lists, locks and writes; {@link
 * dev.runsc.cli.container.ContainerState} is the content of a file; {@link
 * dev.runsc.cli.container.Container} is one container with its status checked against the live
 * sandbox.
 *
 * <p>Whoever changes a container holds its lock from before reading until after writing. Readers
 * need none: files are replaced whole. Locks end with the process that holds them. Files stay until
 * the container is deleted, across reboots they name processes that are gone, which {@link
 * dev.runsc.cli.container.ProcessIdentity} notices.
 */
@NullMarked
package dev.runsc.cli.container;

import org.jspecify.annotations.NullMarked;
