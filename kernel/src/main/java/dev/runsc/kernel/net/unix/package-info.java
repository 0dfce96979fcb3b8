/**
 * Unix domain sockets (unix(7)). {@link dev.runsc.kernel.net.unix.UnixSockets} makes them and knows
 * their names, {@link dev.runsc.kernel.net.unix.UnixSocket} is an open socket with what was sent to
 * it, {@link dev.runsc.kernel.net.unix.UnixMessage} one piece of that. System calls alone call in
 * here.
 *
 * <p>Locks: each socket has one of class CHANNEL, the table of abstract names another; no two are
 * held at once. What one end does to the other is a call on the other, made without its own lock.
 *
 * <p>Saved: queues with data, descriptors and credentials in flight, connections, names, options.
 * Who waits is not.
 */
package dev.runsc.kernel.net.unix;
