package dev.runsc.kernel.fs.synthetic;

import dev.runsc.gofer.abi.Statfs;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An instance of a synthetic file system. Its root is made after it and handed in once. */
public class SyntheticFileSystem extends FileSystem {
    private final long magic;
    private final boolean dynamic;
    private @Nullable SyntheticDirectory root;

    /**
     * Makes an instance without a root.
     *
     * @param magic {@code f_type} of statfs(2)
     * @param dynamic whether names come and go by themselves, so that each walk asks again
     */
    public SyntheticFileSystem(
            VirtualFileSystem vfs, String typeName, long magic, boolean dynamic) {
        super(vfs, typeName, LockClass.SYNTHETIC);
        this.magic = magic;
        this.dynamic = dynamic;
    }

    public final void setRoot(SyntheticDirectory directory) {
        root = directory;
    }

    @Override
    public final Inode root() {
        return Objects.requireNonNull(root, "root not set");
    }

    @Override
    public final boolean volatileTree() {
        return dynamic;
    }

    @Override
    public Statfs statfs(Caller caller) {
        return new Statfs(magic, 4096, 0, 0, 0, 0, 0, 0, 255, 4096, 0);
    }
}
