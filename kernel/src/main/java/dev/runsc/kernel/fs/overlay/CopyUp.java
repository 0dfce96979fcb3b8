package dev.runsc.kernel.fs.overlay;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.kernel.fs.tmpfs.TmpfsFile;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.MemoryInode;
import dev.runsc.kernel.vfs.NewInode;
import org.jspecify.annotations.Nullable;

/**
 * Copies a lower file, and the directories above it, into the upper tree (Linux
 * fs/overlayfs/copy_up.c). Tree lock held.
 */
final class CopyUp {
    private CopyUp() {}

    /** Makes the upper inode: contents and attributes first, the name last. */
    static Inode copy(Caller caller, OverlayInode inode, boolean withContents)
            throws ErrnoException {
        Inode lower = inode.lowers().getFirst();
        OverlayDirectory parent = inode.parent();
        MemoryInode upperParent =
                parent != null && !inode.isRemoved()
                        ? (MemoryInode) parent.copyUp(caller, true)
                        : null;
        Stat stat = lower.stat(caller);
        Stat parentStat = upperParent == null ? null : upperParent.stat(caller);
        Inode copy;
        if (lower.isRegular()) {
            copy = copyRegular(caller, inode, lower, stat, withContents, upperParent);
        } else if (upperParent != null) {
            copy = copyOther(caller, upperParent, inode, lower, stat);
            finish(caller, inode, copy, lower, stat);
            inode.copiedUp(copy);
        } else {
            // A directory or special file that is gone: there is nothing to change any more.
            throw Errno.ENOENT.error();
        }
        if (upperParent != null && parentStat != null) {
            upperParent.copyAttributes(parentStat);
        }
        return copy;
    }

    private static NewInode attributes(Stat stat) {
        return new NewInode(stat.mode(), stat.uid(), stat.gid(), stat.rdev());
    }

    private static Inode copyRegular(
            Caller caller,
            OverlayInode inode,
            Inode lower,
            Stat stat,
            boolean withContents,
            @Nullable Inode upperParent)
            throws ErrnoException {
        NewInode attributes =
                new NewInode(FileMode.S_IFREG | stat.mode() & 07777, stat.uid(), stat.gid(), 0);
        TmpfsFile copy = inode.fileSystem().upper().newUnnamedFile(attributes);
        // Keeps it alive until it has its name, or the users of the lower file.
        copy.opened();
        try {
            if (withContents) {
                copyContents(caller, lower, stat.size(), copy);
            }
            finish(caller, inode, copy, lower, stat);
            if (upperParent != null) {
                upperParent.link(caller, inode.name(), copy);
            }
            inode.copiedUp(copy);
            return copy;
        } finally {
            copy.closed();
        }
    }

    private static void copyContents(Caller caller, Inode lower, long size, TmpfsFile copy)
            throws ErrnoException {
        lower.opened();
        try {
            long at = nextData(lower, 0, size);
            while (at < size) {
                long end = Math.min(size, lower.seekHole(at));
                copy.fillFrom(
                        at, end, (offset, target) -> lower.mappable().readInto(offset, target));
                at = end < size ? nextData(lower, end, size) : size;
            }
            copy.truncate(caller, size);
        } finally {
            lower.closed();
        }
    }

    /** Where data begins at or behind an offset; the end when there is none. */
    private static long nextData(Inode lower, long offset, long size) throws ErrnoException {
        if (offset >= size) {
            return size;
        }
        try {
            return lower.seekData(offset);
        } catch (ErrnoException e) {
            if (e.is(Errno.ENXIO)) {
                return size;
            }
            throw e;
        }
    }

    private static Inode copyOther(
            Caller caller, Inode upperParent, OverlayInode inode, Inode lower, Stat stat)
            throws ErrnoException {
        String name = inode.name();
        return switch (lower.type()) {
            case FileMode.S_IFDIR -> upperParent.makeDirectory(caller, name, attributes(stat));
            case FileMode.S_IFLNK ->
                    upperParent.makeSymlink(caller, name, lower.readLink(caller), attributes(stat));
            default -> upperParent.create(caller, name, attributes(stat));
        };
    }

    private static void finish(
            Caller caller, OverlayInode inode, Inode copy, Inode lower, Stat stat)
            throws ErrnoException {
        for (String xattr : lower.listXattrs(caller)) {
            copy.setXattr(caller, xattr, lower.getXattr(caller, xattr), 0);
        }
        Marks.noteOrigin(caller, copy, inode.number());
        ((MemoryInode) copy).copyAttributes(stat);
    }
}
