package dev.runsc.kernel.fs.erofs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.kernel.vfs.AttributeChange;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.RestoreException;
import dev.runsc.state.RestoreOrder;
import java.util.List;

/** A file of an image. Nothing of it ever changes. */
abstract class ErofsInode extends Inode implements AfterRestore {
    private static final int SECTOR_BYTES = 512;

    private final ErofsFileSystem fileSystem;
    private final InodeFacts facts;

    ErofsInode(ErofsFileSystem fileSystem, InodeFacts facts) {
        this.fileSystem = fileSystem;
        this.facts = facts;
    }

    @Override
    public int restoreOrder() {
        return RestoreOrder.FOUNDATIONS;
    }

    /** Who finds the number finds this again. */
    @Override
    public void afterRestore(RestoreContext context) throws RestoreException {
        fileSystem.enroll(this);
    }

    final InodeFacts facts() {
        return facts;
    }

    /** Where the contents are. */
    final BlockMap contents() {
        return new BlockMap(fileSystem.image(), fileSystem.superblock(), facts);
    }

    @Override
    public final ErofsFileSystem fileSystem() {
        return fileSystem;
    }

    @Override
    public final long number() {
        return facts.number();
    }

    @Override
    public final int mode() {
        return facts.mode();
    }

    @Override
    public final int uid() {
        return facts.uid();
    }

    @Override
    public final int gid() {
        return facts.gid();
    }

    @Override
    public final long deviceNumber() {
        return facts.deviceNumber();
    }

    @Override
    public final long size() {
        return facts.sizeBytes();
    }

    @Override
    public final Stat stat(Caller caller) {
        int block = fileSystem.superblock().blockBytes();
        // As Linux: what the contents take in blocks of their own, inline or not.
        long blocks = (facts.sizeBytes() / block + (facts.sizeBytes() % block > 0 ? 1 : 0));
        Timespec time = new Timespec(facts.seconds(), facts.nanos());
        return new Stat(
                fileSystem.deviceId(),
                number(),
                facts.links(),
                mode(),
                uid(),
                gid(),
                deviceNumber(),
                size(),
                block,
                blocks * (block / SECTOR_BYTES),
                time,
                time,
                time);
    }

    // Attributes.

    @Override
    public final byte[] getXattr(Caller caller, String name) throws ErrnoException {
        byte[] value = xattrs().find(name);
        if (value == null) {
            throw Errno.ENODATA.error();
        }
        return value;
    }

    @Override
    public final List<String> listXattrs(Caller caller) throws ErrnoException {
        return xattrs().names();
    }

    private ErofsXattrs xattrs() {
        return new ErofsXattrs(fileSystem.image(), fileSystem.superblock(), facts);
    }

    // What would change it. A mount says so before; but one can be made writable.

    @Override
    public final void changeAttributes(Caller caller, AttributeChange change)
            throws ErrnoException {
        throw Errno.EROFS.error();
    }

    @Override
    public final void setXattr(Caller caller, String name, byte[] value, int flags)
            throws ErrnoException {
        throw Errno.EROFS.error();
    }

    @Override
    public final void removeXattr(Caller caller, String name) throws ErrnoException {
        throw Errno.EROFS.error();
    }

    @Override
    public final void prepareWriting(Caller caller, boolean truncates) throws ErrnoException {
        throw Errno.EROFS.error();
    }
}
