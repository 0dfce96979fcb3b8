/**
 * The life of a container as commands drive it: create, start, wait, signal, delete.
 *
 * <p>{@link dev.runsc.cli.lifecycle.Containers} finds containers, checks their status against the
 * live sandbox and ends them; {@link dev.runsc.cli.lifecycle.Creation} makes one; {@link
 * dev.runsc.cli.lifecycle.Foreground} stays with one until it ends and passes signals on; {@link
 * dev.runsc.cli.lifecycle.PidFile} tells others that it is there.
 *
 * <p>Used by one thread of a command. A container is changed only under its lock, taken before its
 * file is read. Nothing waits for a guest under the lock.
 */
@NullMarked
package dev.runsc.cli.lifecycle;

import org.jspecify.annotations.NullMarked;
