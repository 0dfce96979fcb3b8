package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;

/** Where a relative path begins for the calls that take a directory descriptor. */
final class Directories {
    private Directories() {}

    /**
     * The directory behind {@code fd}, or the working directory for AT_FDCWD and absolute paths.
     *
     * @throws ErrnoException EBADF, ENOTDIR
     */
    static Location start(Task task, int fd, String path) throws ErrnoException {
        if (fd == AtFlags.AT_FDCWD || path.startsWith("/")) {
            return task.fs().workingDirectory();
        }
        FileDescription file = task.files().requireAny(fd);
        Location location = file.location();
        if (location == null) {
            if (path.isEmpty()) {
                return location(task, file);
            }
            throw Errno.ENOTDIR.error();
        }
        return location;
    }

    private static Location location(Task task, FileDescription file) {
        return task.fs().root().dentry().inode().fileSystem().vfs().locationOf(file);
    }
}
