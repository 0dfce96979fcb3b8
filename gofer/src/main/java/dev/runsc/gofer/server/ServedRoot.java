package dev.runsc.gofer.server;

import dev.runsc.gofer.host.HostFd;

/**
 * The root of a mount: a directory, or a single file.
 *
 * @param fd of O_PATH or stronger; the server's from now on
 * @param readOnly whether every change below it is refused
 */
public record ServedRoot(HostFd fd, boolean readOnly) {}
