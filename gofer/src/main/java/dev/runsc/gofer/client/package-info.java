/**
 * The kernel's side of the gofer: {@link dev.runsc.gofer.client.GoferClient} asks, {@link
 * dev.runsc.gofer.client.OpenedFile} is what opening gives, {@link
 * dev.runsc.gofer.client.GoferDeathListener} hears of the gofer's end.
 *
 * <p>Names and link targets are byte texts ({@link dev.runsc.gofer.abi.ByteText}). Nodes and
 * handles are numbers that mean something only to the gofer of this client; whoever got one
 * releases it once. Nothing here is saved: after a restore there is a new gofer, and paths are
 * walked again.
 *
 * <p>Calls may come from any thread and wait for the gofer without being interruptible, as a task
 * in Linux waits for a disk. Up to eight go on at once, each on a connection of its own; further
 * connections are opened when calls have to queue. One lock guards the pool of connections; none is
 * held during a call. When the gofer is gone, or says what the protocol forbids, every call from
 * then on fails with EIO.
 */
@NullMarked
package dev.runsc.gofer.client;

import org.jspecify.annotations.NullMarked;
