package dev.runsc.kernel.fs.erofs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.DirectoryFile;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.NewInode;
import dev.runsc.kernel.vfs.RawName;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A directory: blocks of entries in the order of their names. */
final class ErofsDirectory extends ErofsInode {
    private static final long FIRST_POSITION = 2;

    /** {@code DT_*} by {@code EROFS_FT_*}. */
    private static final int[] TYPES = {
        FileMode.DT_UNKNOWN,
        FileMode.DT_REG,
        FileMode.DT_DIR,
        FileMode.DT_CHR,
        FileMode.DT_BLK,
        FileMode.DT_FIFO,
        FileMode.DT_SOCK,
        FileMode.DT_LNK
    };

    /** Where it was found; null for the root. */
    private final @Nullable ErofsDirectory parent;

    ErofsDirectory(ErofsFileSystem fileSystem, InodeFacts facts, @Nullable ErofsDirectory parent) {
        super(fileSystem, facts);
        this.parent = parent;
    }

    /** Whether it is an entry of a directory, of which it can have one. */
    boolean isIn(@Nullable ErofsDirectory directory) {
        return parent == directory;
    }

    /** How many blocks; a directory cannot be longer than the image that it is in. */
    private long blocks() throws ErrnoException {
        long size = facts().sizeBytes();
        if (size > fileSystem().image().sizeBytes()) {
            throw Errno.EUCLEAN.error();
        }
        int block = fileSystem().superblock().blockBytes();
        return (size + block - 1) / block;
    }

    private DirectoryBlock block(long index) throws ErrnoException {
        int bits = fileSystem().superblock().blockBits();
        long at = index << bits;
        int length = (int) Math.min(1 << bits, facts().sizeBytes() - at);
        return new DirectoryBlock(contents().bytes(at, length));
    }

    @Override
    public @Nullable Inode lookup(Caller caller, String name) throws ErrnoException {
        byte[] wanted = RawName.bytes(name);
        long low = 0;
        long high = blocks() - 1;
        DirectoryBlock candidate = null;
        while (low <= high) {
            long middle = low + high >>> 1;
            DirectoryBlock block = block(middle);
            if (Arrays.compareUnsigned(wanted, block.name(0)) < 0) {
                high = middle - 1;
            } else {
                candidate = block;
                low = middle + 1;
            }
        }
        int index = candidate == null ? -1 : candidate.find(wanted);
        return candidate == null || index < 0
                ? null
                : fileSystem().inode(candidate.inode(index), this);
    }

    /** A position is a block and the place of an entry in it. */
    @Override
    public void list(Caller caller, long position, FileDescription.EntrySink sink)
            throws ErrnoException {
        long from = Math.max(0, position - FIRST_POSITION);
        long blocks = blocks();
        int index = (int) (from & (1 << DirectoryBlock.ENTRIES_BITS) - 1);
        for (long at = from >>> DirectoryBlock.ENTRIES_BITS; at < blocks; at++) {
            DirectoryBlock block = block(at);
            for (; index < block.count(); index++) {
                byte[] name = block.name(index);
                boolean itself = name[0] == '.' && name.length == 1;
                boolean above = name[0] == '.' && name.length == 2 && name[1] == '.';
                long next = FIRST_POSITION + (at << DirectoryBlock.ENTRIES_BITS) + index + 1;
                int type = block.type(index);
                if (!itself
                        && !above
                        && !sink.accept(
                                name,
                                block.inode(index),
                                next,
                                type < TYPES.length ? TYPES[type] : FileMode.DT_UNKNOWN)) {
                    return;
                }
            }
            index = 0;
        }
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) {
        return new DirectoryFile(location, flags);
    }

    // What would change it.

    @Override
    public Inode create(Caller caller, String name, NewInode attributes) throws ErrnoException {
        throw Errno.EROFS.error();
    }

    @Override
    public Inode makeDirectory(Caller caller, String name, NewInode attributes)
            throws ErrnoException {
        throw Errno.EROFS.error();
    }

    @Override
    public Inode makeSymlink(Caller caller, String name, String target, NewInode attributes)
            throws ErrnoException {
        throw Errno.EROFS.error();
    }

    @Override
    public Inode createUnnamed(Caller caller, NewInode attributes) throws ErrnoException {
        throw Errno.EROFS.error();
    }

    @Override
    public void link(Caller caller, String name, Inode target) throws ErrnoException {
        throw Errno.EROFS.error();
    }

    @Override
    public void unlink(Caller caller, String name, Inode victim) throws ErrnoException {
        throw Errno.EROFS.error();
    }

    @Override
    public void removeDirectory(Caller caller, String name, Inode victim) throws ErrnoException {
        throw Errno.EROFS.error();
    }

    @Override
    public void rename(
            Caller caller,
            String oldName,
            Inode moved,
            Inode newDirectory,
            String newName,
            @Nullable Inode replaced,
            int flags)
            throws ErrnoException {
        throw Errno.EROFS.error();
    }
}
