/**
 * The gofer process: the one that sees the host's files for a container.
 *
 * <p>{@link dev.runsc.gofer.server.GoferMain} gets one socket and the mount roots, opened or as
 * paths, and serves them to one kernel with {@link dev.runsc.gofer.server.GoferServer} until the
 * socket closes. Whatever arrives is hostile: a request names nodes by number and entries by a
 * single name, each step down is an openat with O_NOFOLLOW relative to a directory already held,
 * and links are reported, never followed. So nothing outside the roots can be reached, whatever is
 * renamed or swapped meanwhile. Nodes are reopened for reading and writing through {@code
 * /proc/self/fd}, which leads to the very object that was found.
 *
 * <p>Permissions are the kernel's to check; the server only refuses changes below read-only roots.
 * It runs with the rights it was started with.
 *
 * <p>One thread serves each connection. Nodes are counted by their users, so that no connection
 * closes a descriptor under another's call. Nothing is saved: a restored kernel walks its paths
 * again.
 */
@NullMarked
package dev.runsc.gofer.server;

import org.jspecify.annotations.NullMarked;
