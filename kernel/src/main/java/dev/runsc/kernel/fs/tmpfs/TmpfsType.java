package dev.runsc.kernel.fs.tmpfs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.FileSystemType;
import dev.runsc.kernel.vfs.VirtualFileSystem;

/**
 * tmpfs for mount(2).
 *
 * @param name tmpfs, or ramfs and devtmpfs, which differ in nothing a guest sees
 * @param memoryFile where contents lie
 * @param defaultPages size limit of a mount that names none: half of memory
 */
public record TmpfsType(String name, MemoryFile memoryFile, long defaultPages)
        implements FileSystemType {
    @Override
    public FileSystem mount(Caller caller, VirtualFileSystem vfs, String source, String data)
            throws ErrnoException {
        Credentials who = caller.credentials();
        TmpfsOptions options =
                TmpfsOptions.parse(
                        data,
                        TmpfsOptions.defaults(defaultPages).ownedBy(who.fsUid(), who.fsGid()),
                        who.namespace());
        return new TmpfsFileSystem(vfs, name, memoryFile, options);
    }

    @Override
    public boolean isForUserNamespaces() {
        return !name.equals("devtmpfs");
    }
}
