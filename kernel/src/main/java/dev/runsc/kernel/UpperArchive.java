package dev.runsc.kernel;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.FdInput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.fs.overlay.UpperTreeReader;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import java.io.IOException;

/** A tar archive of what was changed in a root: the layer of a new container over its own. */
public final class UpperArchive extends FileSource {
    private final HostFd archive;
    private boolean used;

    /**
     * @param archive a regular file; closed with this
     */
    public UpperArchive(HostFd archive) {
        this.archive = archive;
    }

    @Override
    void fill(String container, String path, String volume, TmpfsFileSystem tree)
            throws KernelException {
        if (!path.equals("/")) {
            return;
        }
        try {
            long size = HostFiles.fstat(archive.number()).size();
            new UpperTreeReader(new FdInput(archive, 0, size)).read(tree);
            used = true;
        } catch (IOException e) {
            throw new KernelException("archive of the upper layer: " + e.getMessage(), e);
        } catch (ErrnoException e) {
            throw new KernelException("archive of the upper layer: " + e.errno().message(), e);
        }
    }

    @Override
    void isThere(String container, String path, String volume) {
        // Volumes are in no archive.
    }

    @Override
    void requireUsed(String container) throws KernelException {
        if (!used) {
            throw new KernelException(
                    "archive of the upper layer: the root of container "
                            + container
                            + " has no layer in memory");
        }
    }

    @Override
    public void close() {
        archive.close();
    }
}
