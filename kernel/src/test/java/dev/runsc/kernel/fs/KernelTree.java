package dev.runsc.kernel.fs;

import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.AttributeOperations;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.OpenRequest;
import dev.runsc.kernel.vfs.Opener;
import dev.runsc.kernel.vfs.PathOperations;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.RawName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A tree of one of our file systems, reached through the VFS as a task would. */
final class KernelTree implements FileTree {
    /** What setfsuid(2) takes away with the root user (CAP_FS_MASK). */
    private static final long FILE_CAPABILITIES =
            1L << Capabilities.CAP_CHOWN
                    | 1L << Capabilities.CAP_MKNOD
                    | 1L << Capabilities.CAP_DAC_OVERRIDE
                    | 1L << Capabilities.CAP_DAC_READ_SEARCH
                    | 1L << Capabilities.CAP_FOWNER
                    | 1L << Capabilities.CAP_FSETID
                    | 1L << Capabilities.CAP_LINUX_IMMUTABLE
                    | 1L << Capabilities.CAP_MAC_OVERRIDE;

    private static final int LISTED_AT_ONCE = 50;

    private final TestCaller caller;
    private final @Nullable FileDescription[] slots = new @Nullable FileDescription[8];

    KernelTree(TestCaller caller) {
        this.caller = caller;
    }

    private Location start() {
        return caller.fs().workingDirectory();
    }

    private Location find(String path, boolean follow) throws ErrnoException {
        return PathWalk.find(caller, path, follow ? PathWalk.FOLLOW : 0);
    }

    @Override
    public void mkdir(String path, int mode) throws ErrnoException {
        PathOperations.mkdir(caller, start(), path, mode);
    }

    @Override
    public void mknod(String path, int mode) throws ErrnoException {
        PathOperations.mknod(caller, start(), path, mode, 0);
    }

    @Override
    public void symlink(String target, String path) throws ErrnoException {
        PathOperations.symlink(caller, target, start(), path);
    }

    @Override
    public void link(String oldPath, String newPath, int flags) throws ErrnoException {
        Location old = find(oldPath, (flags & AtFlags.AT_SYMLINK_FOLLOW) != 0);
        PathOperations.link(caller, old, start(), newPath);
    }

    @Override
    public void unlink(String path) throws ErrnoException {
        PathOperations.unlink(caller, start(), path);
    }

    @Override
    public void rmdir(String path) throws ErrnoException {
        PathOperations.rmdir(caller, start(), path);
    }

    @Override
    public void rename(String oldPath, String newPath, int flags) throws ErrnoException {
        PathOperations.rename(caller, start(), oldPath, start(), newPath, flags);
    }

    @Override
    public String readLink(String path) throws ErrnoException {
        return PathOperations.readLink(caller, find(path, false));
    }

    @Override
    public void chmod(String path, int mode) throws ErrnoException {
        AttributeOperations.chmod(caller, find(path, true), mode);
    }

    @Override
    public void chown(String path, int uid, int gid) throws ErrnoException {
        AttributeOperations.chown(caller, find(path, false), uid, gid);
    }

    @Override
    public void become(int uid, int gid, int group) {
        Credentials root = Credentials.root(new UserNamespace());
        long kept = uid == 0 ? root.effective() : root.effective() & ~FILE_CAPABILITIES;
        caller.credentials =
                root.withUids(0, 0, 0, uid)
                        .withGids(0, 0, 0, gid)
                        .withGroups(new int[] {group})
                        .withCapabilities(root.permitted(), kept, 0);
    }

    @Override
    public Stat stat(String path, boolean follow) throws ErrnoException {
        return find(path, follow).inode().stat(caller);
    }

    @Override
    public void open(int slot, String path, int flags, int mode) throws ErrnoException {
        FileDescription file = Opener.open(caller, start(), path, OpenRequest.of(flags, mode));
        FileDescription old = slots[slot];
        slots[slot] = file;
        if (old != null) {
            old.release();
        }
    }

    @Override
    public void close(int slot) throws ErrnoException {
        file(slot).release();
        slots[slot] = null;
    }

    private FileDescription file(int slot) throws ErrnoException {
        FileDescription file = slots[slot];
        if (file == null) {
            throw Errno.EBADF.error();
        }
        return file;
    }

    private FileDescription readable(int slot) throws ErrnoException {
        if (!file(slot).isReadable()) {
            throw Errno.EBADF.error();
        }
        return file(slot);
    }

    private FileDescription writable(int slot) throws ErrnoException {
        if (!file(slot).isWritable()) {
            throw Errno.EBADF.error();
        }
        return file(slot);
    }

    @Override
    public byte[] read(int slot, int length) throws ErrnoException {
        byte[] target = new byte[length];
        long count = readable(slot).read(caller, UserBuffer.of(target));
        return Arrays.copyOf(target, (int) count);
    }

    @Override
    public long write(int slot, byte[] data) throws ErrnoException {
        return writable(slot).write(caller, UserBuffer.of(data));
    }

    @Override
    public byte[] readAt(int slot, int length, long offset) throws ErrnoException {
        byte[] target = new byte[length];
        long count = readable(slot).readAt(caller, UserBuffer.of(target), offset);
        return Arrays.copyOf(target, (int) count);
    }

    @Override
    public long writeAt(int slot, byte[] data, long offset) throws ErrnoException {
        return writable(slot).writeAt(caller, UserBuffer.of(data), offset);
    }

    @Override
    public long seek(int slot, long offset, int whence) throws ErrnoException {
        return file(slot).seek(caller, offset, whence);
    }

    @Override
    public void truncate(int slot, long size) throws ErrnoException {
        file(slot).truncate(caller, size);
    }

    @Override
    public void allocate(int slot, int mode, long offset, long length) throws ErrnoException {
        file(slot).allocate(caller, mode, offset, length);
    }

    @Override
    public Stat stat(int slot) throws ErrnoException {
        return file(slot).stat(caller);
    }

    @Override
    public List<String> list(String path) throws ErrnoException {
        int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
        FileDescription directory = Opener.open(caller, start(), path, OpenRequest.of(flags, 0));
        try {
            List<String> names = new ArrayList<>();
            int before;
            do {
                before = names.size();
                int limit = before + LISTED_AT_ONCE;
                directory.listEntries(
                        caller,
                        (name, inode, next, type) -> {
                            if (names.size() == limit) {
                                return false;
                            }
                            names.add(RawName.of(name) + ":" + type);
                            return true;
                        });
            } while (names.size() > before);
            names.removeIf(name -> name.equals(".:4") || name.equals("..:4"));
            Collections.sort(names);
            return names;
        } finally {
            directory.release();
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < slots.length; i++) {
            if (slots[i] != null) {
                Objects.requireNonNull(slots[i]).release();
                slots[i] = null;
            }
        }
    }
}
