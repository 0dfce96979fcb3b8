package dev.runsc.kernel.fs.tmpfs;

import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MemoryFileMaker;
import dev.runsc.kernel.vfs.NewInode;
import dev.runsc.kernel.vfs.VirtualFileSystem;

/**
 * Makes the files of memfd_create(2), on an instance of tmpfs that is never mounted (Linux
 * shm_mnt).
 */
public final class MemoryFiles implements MemoryFileMaker {
    private static final int MODE = FileMode.S_IFREG | 0777;

    private final TmpfsFileSystem fileSystem;

    public MemoryFiles(VirtualFileSystem vfs, MemoryFile memoryFile) {
        this.fileSystem = new TmpfsFileSystem(vfs, memoryFile, TmpfsOptions.unlimited(0777));
    }

    @Override
    public FileDescription create(Caller caller, String name, int flags) throws ErrnoException {
        fileSystem.chargeInode();
        NewInode attributes =
                new NewInode(MODE, caller.credentials().fsUid(), caller.credentials().fsGid(), 0);
        String shown = "memfd:" + name;
        TmpfsFile file = new TmpfsFile(fileSystem, attributes, 0);
        if ((flags & DescriptorFlags.MFD_ALLOW_SEALING) != 0) {
            file.allowSealing();
        }
        Location location = fileSystem.vfs().unnamedLocation(file, shown);
        return file.open(caller, location, OpenFlags.O_RDWR | OpenFlags.O_LARGEFILE);
    }
}
