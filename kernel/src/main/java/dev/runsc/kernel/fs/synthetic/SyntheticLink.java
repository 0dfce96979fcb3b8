package dev.runsc.kernel.fs.synthetic;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;

/**
 * A symbolic link whose target is computed. Magic links override {@link #isMagicLink} and {@link
 * #followMagicLink} and show in {@link #readLink} what a reader may see.
 */
public abstract class SyntheticLink extends SyntheticInode {
    protected SyntheticLink(SyntheticFileSystem fileSystem) {
        super(fileSystem, FileMode.S_IFLNK | 0777);
    }

    protected SyntheticLink(SyntheticFileSystem fileSystem, long number) {
        super(fileSystem, number, FileMode.S_IFLNK | 0777);
    }

    @Override
    public abstract String readLink(Caller caller) throws ErrnoException;

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        throw Errno.ELOOP.error();
    }

    /** A link whose target never changes. */
    public static SyntheticLink fixed(SyntheticFileSystem fileSystem, String target) {
        return new FixedLink(fileSystem, target);
    }

    /** See {@link #fixed}. */
    static final class FixedLink extends SyntheticLink {
        private final String target;

        FixedLink(SyntheticFileSystem fileSystem, String target) {
            super(fileSystem);
            this.target = target;
        }

        @Override
        public String readLink(Caller caller) {
            return target;
        }
    }
}
