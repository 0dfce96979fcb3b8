package dev.runsc.kernel.fs.gofer;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.protocol.NodeAttributes;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import org.jspecify.annotations.Nullable;

/** A symbolic link. Its target never changes. */
final class GoferSymlink extends GoferInode {
    /** Empty until asked for. */
    private volatile String target;

    GoferSymlink(
            GoferFileSystem fileSystem,
            @Nullable GoferDirectory parent,
            String name,
            NodeAttributes attributes,
            String target) {
        super(fileSystem, parent, name, attributes);
        this.target = target;
    }

    @Override
    public String readLink(Caller caller) throws ErrnoException {
        if (!target.isEmpty()) {
            return target;
        }
        long pinned = pin();
        try {
            target = fileSystem().client().readLink(pinned);
            return target;
        } finally {
            unpin();
        }
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        throw Errno.ELOOP.error();
    }
}
