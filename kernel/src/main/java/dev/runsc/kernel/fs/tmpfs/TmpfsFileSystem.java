package dev.runsc.kernel.fs.tmpfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.gofer.abi.Statfs;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.NewInode;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import java.util.concurrent.atomic.AtomicLong;

/** An instance of tmpfs (Linux {@code struct shmem_sb_info}). */
public final class TmpfsFileSystem extends FileSystem {
    static final int PAGE_SIZE = 4096;

    private final MemoryFile memoryFile;
    private final AtomicLong usedPages = new AtomicLong();
    private final AtomicLong usedInodes = new AtomicLong();
    private volatile TmpfsOptions options;
    private final TmpfsDirectory root;

    public TmpfsFileSystem(VirtualFileSystem vfs, MemoryFile memoryFile, TmpfsOptions options) {
        this(vfs, "tmpfs", memoryFile, options);
    }

    /**
     * @param typeName what /proc/mounts calls it: tmpfs, devtmpfs
     */
    public TmpfsFileSystem(
            VirtualFileSystem vfs, String typeName, MemoryFile memoryFile, TmpfsOptions options) {
        super(vfs, typeName);
        this.memoryFile = memoryFile;
        this.options = options;
        int mode = FileMode.S_IFDIR | options.mode();
        usedInodes.incrementAndGet();
        this.root = new TmpfsDirectory(this, new NewInode(mode, options.uid(), options.gid(), 0));
    }

    @Override
    public Inode root() {
        return root;
    }

    /** The root as a directory that may be filled without asking for permission. */
    public TmpfsDirectory rootDirectory() {
        return root;
    }

    MemoryFile memoryFile() {
        return memoryFile;
    }

    @Override
    public String options() {
        return options.text();
    }

    @Override
    public void reconfigure(Caller caller, String data) throws ErrnoException {
        TmpfsOptions changed = TmpfsOptions.parse(data, options);
        if (changed.maxPages() < usedPages.get() || changed.maxInodes() < usedInodes.get()) {
            throw Errno.EINVAL.error();
        }
        options = changed;
    }

    @Override
    public Statfs statfs(Caller caller) {
        TmpfsOptions now = options;
        long blocks = now.maxPages() == TmpfsOptions.UNLIMITED ? 0 : now.maxPages();
        long free = Math.max(0, blocks - usedPages.get());
        long files = now.maxInodes() == TmpfsOptions.UNLIMITED ? 0 : now.maxInodes();
        long filesFree = Math.max(0, files - usedInodes.get());
        return new Statfs(
                MountFlags.TMPFS_MAGIC,
                PAGE_SIZE,
                blocks,
                free,
                free,
                files,
                filesFree,
                deviceId(),
                255,
                PAGE_SIZE,
                0);
    }

    // Accounting.

    /** What its files hold. */
    public long usedBytes() {
        return usedPages.get() * PAGE_SIZE;
    }

    /** Takes up to {@code pages} pages of the size limit; returns how many. */
    long chargePages(long pages) {
        while (true) {
            long used = usedPages.get();
            long granted = Math.min(pages, options.maxPages() - used);
            if (granted <= 0) {
                return 0;
            }
            if (usedPages.compareAndSet(used, used + granted)) {
                return granted;
            }
        }
    }

    void returnPages(long pages) {
        usedPages.addAndGet(-pages);
    }

    /** ENOSPC when there are as many files as the mount allows. */
    void chargeInode() throws ErrnoException {
        if (usedInodes.incrementAndGet() > options.maxInodes()) {
            usedInodes.decrementAndGet();
            throw Errno.ENOSPC.error();
        }
    }

    void returnInode() {
        usedInodes.decrementAndGet();
    }

    // Making.

    /** A regular file without a name; its only users are open descriptions and mappings. */
    public TmpfsFile newUnnamedFile(NewInode attributes) throws ErrnoException {
        chargeInode();
        return new TmpfsFile(this, attributes, 0);
    }

    /** Any file but a directory, with one name. */
    TmpfsInode newFile(NewInode attributes) throws ErrnoException {
        chargeInode();
        if ((attributes.mode() & FileMode.S_IFMT) == FileMode.S_IFREG) {
            return new TmpfsFile(this, attributes, 1);
        }
        return new TmpfsSpecial(this, attributes);
    }
}
