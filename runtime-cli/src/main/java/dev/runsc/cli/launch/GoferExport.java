package dev.runsc.cli.launch;

import java.nio.file.Path;

/**
 * A file or directory of the host that the gofer serves as the root of a connection.
 *
 * @param key its name in KernelHost: container name and mount destination
 * @param path where it is on the host, absolute
 * @param readonly whether the gofer refuses every change
 */
public record GoferExport(String key, Path path, boolean readonly) {}
