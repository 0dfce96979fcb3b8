package dev.runsc.kernel;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.fs.overlay.OverlayFileSystem;
import dev.runsc.kernel.fs.overlay.UpperEntry;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import java.io.IOException;

/** What was changed in a container's root. */
public final class UpperLayer {
    private final OverlayFileSystem overlay;
    private final BootCaller caller;

    /** Takes the files of a walk. */
    public interface Sink extends UpperEntry.Sink {}

    private UpperLayer(OverlayFileSystem overlay, BootCaller caller) {
        this.overlay = overlay;
        this.caller = caller;
    }

    /** That of a container. */
    static UpperLayer of(ContainerState container, UserNamespace users) throws KernelException {
        if (!(container.mounts.root().fileSystem() instanceof OverlayFileSystem overlay)) {
            throw new KernelException(
                    "the root of container " + container.container.name() + " has no overlay");
        }
        Location root = container.mounts.rootLocation();
        FsContext context = new FsContext(root, root, 0);
        return new UpperLayer(overlay, new BootCaller(context, Credentials.root(users)));
    }

    /**
     * Walks it from the root down. Nothing may change it meanwhile.
     *
     * @throws IOException of the sink
     */
    public void walk(Sink sink) throws KernelException, IOException {
        try {
            overlay.walkUpper(caller, sink);
        } catch (ErrnoException failed) {
            throw failed(failed);
        }
    }

    /** Reads from one of its files; the bytes read, 0 at the end. */
    public int read(Inode inode, long offset, byte[] target) throws KernelException {
        try {
            if (inode.type() != FileMode.S_IFREG) {
                throw Errno.EINVAL.error();
            }
            return (int) Math.max(0, inode.readAt(caller, UserBuffer.of(target), offset));
        } catch (ErrnoException failed) {
            throw failed(failed);
        }
    }

    /** The target of one of its symbolic links, as raw bytes. */
    public String readLink(Inode inode) throws KernelException {
        try {
            return inode.readLink(caller);
        } catch (ErrnoException failed) {
            throw failed(failed);
        }
    }

    private static KernelException failed(ErrnoException failed) {
        return new KernelException("upper layer: " + failed.errno().message(), failed);
    }
}
