package dev.runsc.kernel.fs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Stat;
import java.util.List;

/**
 * The operations that a tree of files must answer alike, whoever has it: the host, or a file system
 * of ours.
 */
interface FileTree extends AutoCloseable {
    void mkdir(String path, int mode) throws ErrnoException;

    void mknod(String path, int mode) throws ErrnoException;

    void symlink(String target, String path) throws ErrnoException;

    void link(String oldPath, String newPath, int flags) throws ErrnoException;

    void unlink(String path) throws ErrnoException;

    void rmdir(String path) throws ErrnoException;

    void rename(String oldPath, String newPath, int flags) throws ErrnoException;

    String readLink(String path) throws ErrnoException;

    void chmod(String path, int mode) throws ErrnoException;

    /** Ids of -1 stay. */
    void chown(String path, int uid, int gid) throws ErrnoException;

    /**
     * Who asks from now on: a user with file-system ids and one further group; capabilities only
     * for user 0.
     */
    void become(int uid, int gid, int group);

    Stat stat(String path, boolean follow) throws ErrnoException;

    /** Opens a file into a slot, closing what was there. */
    void open(int slot, String path, int flags, int mode) throws ErrnoException;

    void close(int slot) throws ErrnoException;

    byte[] read(int slot, int length) throws ErrnoException;

    long write(int slot, byte[] data) throws ErrnoException;

    byte[] readAt(int slot, int length, long offset) throws ErrnoException;

    long writeAt(int slot, byte[] data, long offset) throws ErrnoException;

    long seek(int slot, long offset, int whence) throws ErrnoException;

    void truncate(int slot, long size) throws ErrnoException;

    void allocate(int slot, int mode, long offset, long length) throws ErrnoException;

    Stat stat(int slot) throws ErrnoException;

    /** Names with {@code DT_*} behind a colon, sorted, without "." and "..". */
    List<String> list(String path) throws ErrnoException;

    @Override
    void close();
}
