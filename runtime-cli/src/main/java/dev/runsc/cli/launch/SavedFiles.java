package dev.runsc.cli.launch;

import dev.runsc.gofer.host.HostFd;
import org.jspecify.annotations.Nullable;

/**
 * Files on their way into a sandbox: an image of file systems that is out of its store, or an
 * archive.
 *
 * @param records the trees, or the archive
 * @param contents a file in memory with the bytes of files; null for an archive
 */
public record SavedFiles(HostFd records, @Nullable HostFd contents) implements AutoCloseable {
    @Override
    public void close() {
        records.close();
        if (contents != null) {
            contents.close();
        }
    }
}
