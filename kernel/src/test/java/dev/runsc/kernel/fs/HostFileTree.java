package dev.runsc.kernel.fs;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.Dirent64;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.SyscallNumbers;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.kernel.vfs.RawName;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A directory of the host. Paths are relative to it and must not leave it. */
final class HostFileTree implements FileTree {
    private static final Function SYSCALL = Function.getFunction("c", "syscall");

    private final HostFd root;
    private final @Nullable HostFd[] slots = new @Nullable HostFd[8];

    /** Acts as another user than root. */
    private boolean other;

    HostFileTree(Path directory) throws ErrnoException {
        root = HostTree.open(directory.toString(), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY, 0);
    }

    private int at() {
        return root.number();
    }

    private static byte[] bytes(String path) {
        return RawName.bytes(path);
    }

    @Override
    public void mkdir(String path, int mode) throws ErrnoException {
        HostTree.mkdirat(at(), bytes(path), mode);
    }

    @Override
    public void mknod(String path, int mode) throws ErrnoException {
        HostTree.mknodat(at(), bytes(path), mode, 0);
    }

    @Override
    public void symlink(String target, String path) throws ErrnoException {
        HostTree.symlinkat(bytes(target), at(), bytes(path));
    }

    @Override
    public void link(String oldPath, String newPath, int flags) throws ErrnoException {
        HostTree.linkat(at(), bytes(oldPath), at(), bytes(newPath), flags);
    }

    @Override
    public void unlink(String path) throws ErrnoException {
        HostTree.unlinkat(at(), bytes(path), 0);
    }

    @Override
    public void rmdir(String path) throws ErrnoException {
        HostTree.unlinkat(at(), bytes(path), AtFlags.AT_REMOVEDIR);
    }

    @Override
    public void rename(String oldPath, String newPath, int flags) throws ErrnoException {
        HostTree.renameat2(at(), bytes(oldPath), at(), bytes(newPath), flags);
    }

    @Override
    public String readLink(String path) throws ErrnoException {
        return RawName.of(HostTree.readlinkat(at(), bytes(path)));
    }

    @Override
    public void chmod(String path, int mode) throws ErrnoException {
        HostTree.fchmodat(at(), bytes(path), mode);
    }

    @Override
    public void chown(String path, int uid, int gid) throws ErrnoException {
        HostTree.fchownat(at(), bytes(path), uid, gid, AtFlags.AT_SYMLINK_NOFOLLOW);
    }

    /** The kernel keeps these per thread, so that only this test's thread changes. */
    @Override
    public void become(int uid, int gid, int group) {
        Memory groups = new Memory(Integer.BYTES);
        groups.setInt(0, group);
        call(SyscallNumbers.SYS_setgroups, 1, groups);
        call(SyscallNumbers.SYS_setfsgid, gid);
        call(SyscallNumbers.SYS_setfsuid, uid);
        other = uid != 0;
    }

    private static void call(int number, Object... arguments) {
        Object[] all = new Object[arguments.length + 1];
        all[0] = (long) number;
        for (int i = 0; i < arguments.length; i++) {
            all[i + 1] = arguments[i] instanceof Integer value ? Long.valueOf(value) : arguments[i];
        }
        SYSCALL.invokeLong(all);
    }

    @Override
    public Stat stat(String path, boolean follow) throws ErrnoException {
        return HostTree.fstatat(at(), bytes(path), follow ? 0 : AtFlags.AT_SYMLINK_NOFOLLOW);
    }

    @Override
    public void open(int slot, String path, int flags, int mode) throws ErrnoException {
        HostFd file = HostTree.openat(at(), bytes(path), flags, mode);
        HostFd old = slots[slot];
        slots[slot] = file;
        if (old != null) {
            old.close();
        }
    }

    @Override
    public void close(int slot) throws ErrnoException {
        HostFd file = slots[slot];
        if (file == null) {
            throw Errno.EBADF.error();
        }
        file.close();
        slots[slot] = null;
    }

    private int fd(int slot) throws ErrnoException {
        HostFd file = slots[slot];
        if (file == null) {
            throw Errno.EBADF.error();
        }
        return file.number();
    }

    @Override
    public byte[] read(int slot, int length) throws ErrnoException {
        ByteBuffer target = ByteBuffer.allocateDirect(length);
        int count = HostFiles.read(fd(slot), target);
        return taken(target, count);
    }

    private static byte[] taken(ByteBuffer buffer, int count) {
        byte[] bytes = new byte[count];
        buffer.get(0, bytes);
        return bytes;
    }

    private static ByteBuffer direct(byte[] data) {
        return ByteBuffer.allocateDirect(data.length).put(data).flip();
    }

    @Override
    public long write(int slot, byte[] data) throws ErrnoException {
        return HostFiles.write(fd(slot), direct(data));
    }

    @Override
    public byte[] readAt(int slot, int length, long offset) throws ErrnoException {
        ByteBuffer target = ByteBuffer.allocateDirect(length);
        int count = HostFiles.pread(fd(slot), target, offset);
        return taken(target, count);
    }

    @Override
    public long writeAt(int slot, byte[] data, long offset) throws ErrnoException {
        return HostFiles.pwrite(fd(slot), direct(data), offset);
    }

    @Override
    public long seek(int slot, long offset, int whence) throws ErrnoException {
        return HostFiles.lseek(fd(slot), offset, whence);
    }

    @Override
    public void truncate(int slot, long size) throws ErrnoException {
        HostFiles.ftruncate(fd(slot), size);
    }

    @Override
    public void allocate(int slot, int mode, long offset, long length) throws ErrnoException {
        HostFiles.fallocate(fd(slot), mode, offset, length);
    }

    @Override
    public Stat stat(int slot) throws ErrnoException {
        return HostFiles.fstat(fd(slot));
    }

    @Override
    public List<String> list(String path) throws ErrnoException {
        int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
        List<String> names = new ArrayList<>();
        try (HostFd directory = HostTree.openat(at(), bytes(path), flags, 0)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(8192);
            while (HostFiles.getdents64(directory.number(), buffer.clear()) > 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    Dirent64 entry = Dirent64.readFrom(buffer);
                    names.add(RawName.of(entry.name()) + ":" + entry.type());
                }
            }
        }
        names.removeAll(Arrays.asList(".:4", "..:4"));
        Collections.sort(names);
        return names;
    }

    @Override
    public void close() {
        if (other) {
            become(0, 0, 0); // The thread has more tests to run.
        }
        for (HostFd file : slots) {
            if (file != null) {
                file.close();
            }
        }
        root.close();
    }
}
