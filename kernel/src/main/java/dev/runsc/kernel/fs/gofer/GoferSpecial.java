package dev.runsc.kernel.fs.gofer;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.protocol.NodeAttributes;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import org.jspecify.annotations.Nullable;

/**
 * A FIFO, socket or device file of the host: only its name and attributes are; what it stands for
 * is the sandbox's own.
 */
final class GoferSpecial extends GoferInode {
    GoferSpecial(
            GoferFileSystem fileSystem,
            @Nullable GoferDirectory parent,
            String name,
            NodeAttributes attributes) {
        super(fileSystem, parent, name, attributes);
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        return fileSystem().vfs().openSpecial(caller, location, flags);
    }
}
