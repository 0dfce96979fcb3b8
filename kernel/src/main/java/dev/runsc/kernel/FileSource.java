package dev.runsc.kernel;

import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;

/** What the file systems of a container that is being made begin with. */
public abstract sealed class FileSource implements AutoCloseable permits FileImage, UpperArchive {
    /**
     * Fills a file system that nobody has seen yet, if there is something for it.
     *
     * @param container name of the container that mounts it
     * @param path where it does
     * @param volume the name under which containers share it; empty for one container's own
     */
    abstract void fill(String container, String path, String volume, TmpfsFileSystem tree)
            throws KernelException;

    /** The volume has its files already: another container came first. */
    abstract void isThere(String container, String path, String volume) throws KernelException;

    /** Everything that there is for a container must have found its place in it. */
    abstract void requireUsed(String container) throws KernelException;

    @Override
    public abstract void close();
}
