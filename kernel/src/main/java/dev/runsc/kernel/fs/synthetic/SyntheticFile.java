package dev.runsc.kernel.fs.synthetic;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;

/** A regular file that shows a {@link ContentSource}. Its size reads as 0, as in proc. */
public class SyntheticFile extends SyntheticInode {
    private final ContentSource source;

    public SyntheticFile(SyntheticFileSystem fileSystem, int permissions, ContentSource source) {
        super(fileSystem, FileMode.S_IFREG | permissions);
        this.source = source;
    }

    public SyntheticFile(
            SyntheticFileSystem fileSystem, long number, int permissions, ContentSource source) {
        super(fileSystem, number, FileMode.S_IFREG | permissions);
        this.source = source;
    }

    public final ContentSource source() {
        return source;
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        source.checkOpen(caller, flags);
        return new SyntheticFileDescription(location, flags, source.opened(caller));
    }

    @Override
    public void truncate(Caller caller, long sizeBytes) {
        // echo x > file truncates first; there is nothing to cut.
    }
}
