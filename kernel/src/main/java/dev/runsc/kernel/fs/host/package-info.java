/**
 * Host descriptors as guest files: the standard streams and descriptors that a container is handed.
 * {@link dev.runsc.kernel.fs.host.HostStream} is the open file, {@link
 * dev.runsc.kernel.fs.host.HostPoller} the one thread that waits for the host.
 *
 * <p>Saved: a stream's name. The descriptors come back through {@link
 * dev.runsc.kernel.fs.host.HostStreams}.
 */
package dev.runsc.kernel.fs.host;
