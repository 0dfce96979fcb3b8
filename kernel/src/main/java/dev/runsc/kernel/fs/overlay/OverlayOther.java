package dev.runsc.kernel.fs.overlay;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A symbolic link, FIFO, socket or device file. */
final class OverlayOther extends OverlayInode {
    OverlayOther(
            OverlayFileSystem fileSystem,
            OverlayDirectory parent,
            String name,
            @Nullable Inode upper,
            List<Inode> lowers) {
        super(fileSystem, parent, name, upper, lowers);
    }

    @Override
    public String readLink(Caller caller) throws ErrnoException {
        return real().readLink(caller);
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        if (isSymlink()) {
            throw Errno.ELOOP.error();
        }
        return fileSystem().vfs().openSpecial(caller, location, flags);
    }
}
