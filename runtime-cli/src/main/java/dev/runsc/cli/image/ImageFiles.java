package dev.runsc.cli.image;

import dev.runsc.cli.base.Failure;
import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** What checkpoint and restore have in common: names, and files in memory. */
final class ImageFiles {
    /** The name of the sandbox's one memory region in a snapshot. */
    static final String MEMORY = "memory";

    /** The only network there is so far; a snapshot says it so that later ones can refuse. */
    static final String NETWORK = "none";

    /** Annotation of a snapshot: the names of its containers, as a JSON array. */
    static final String CONTAINERS = "containers";

    /** Beginning of annotations of a snapshot: the spec of the further container of that name. */
    static final String SPEC_OF = "spec:";

    /** Annotation of a snapshot: what it is of; absent when that is a whole sandbox. */
    static final String CONTENT = "content";

    /** The content of a snapshot that has file systems and no processes. */
    static final String FILE_SYSTEMS = "file systems";

    /** Annotation of a snapshot: the program that runs around saves, as a JSON object. */
    static final String HOOK = "hook";

    private ImageFiles() {}

    /** A file in memory. */
    static HostFd memoryFile(String name) throws Failure {
        try {
            return HostFiles.memfdCreate(name, DescriptorFlags.MFD_CLOEXEC);
        } catch (ErrnoException e) {
            throw new Failure("memory file: " + e.getMessage(), e);
        }
    }

    /** A channel on a descriptor's file, with a position of its own. */
    static FileChannel channel(HostFd fd, OpenOption... options) throws IOException {
        return FileChannel.open(Path.of("/proc/self/fd/" + fd.number()), options);
    }
}
