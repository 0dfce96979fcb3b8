package dev.runsc.cli.launch;

import dev.runsc.gofer.host.HostFd;

/**
 * An image of file systems that is out of its store, on its way into a sandbox.
 *
 * @param records the trees
 * @param contents a file in memory with the bytes of files
 */
public record SavedFiles(HostFd records, HostFd contents) implements AutoCloseable {
    @Override
    public void close() {
        records.close();
        contents.close();
    }
}
