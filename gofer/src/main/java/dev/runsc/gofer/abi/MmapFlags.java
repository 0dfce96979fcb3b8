package dev.runsc.gofer.abi;

/**
 * Arguments of mmap(2), mprotect(2), madvise(2), mremap(2), msync(2), mlock2(2), mlockall(2). Names
 * and values are those of the Linux x86-64 headers.
 */
public final class MmapFlags {
    public static final int MADV_NORMAL = 0;
    public static final int MADV_RANDOM = 1;
    public static final int MADV_SEQUENTIAL = 2;
    public static final int MADV_WILLNEED = 3;
    public static final int MADV_DONTNEED = 4;
    public static final int MADV_FREE = 8;
    public static final int MADV_REMOVE = 9;
    public static final int MADV_DONTFORK = 0xa;
    public static final int MADV_DOFORK = 0xb;
    public static final int MADV_MERGEABLE = 0xc;
    public static final int MADV_UNMERGEABLE = 0xd;
    public static final int MADV_HUGEPAGE = 0xe;
    public static final int MADV_NOHUGEPAGE = 0xf;
    public static final int MADV_DONTDUMP = 0x10;
    public static final int MADV_DODUMP = 0x11;
    public static final int MADV_WIPEONFORK = 0x12;
    public static final int MADV_KEEPONFORK = 0x13;
    public static final int MADV_COLD = 0x14;
    public static final int MADV_PAGEOUT = 0x15;
    public static final int MADV_POPULATE_READ = 0x16;
    public static final int MADV_POPULATE_WRITE = 0x17;
    public static final int MADV_DONTNEED_LOCKED = 0x18;
    public static final int MADV_COLLAPSE = 0x19;
    public static final int MADV_HWPOISON = 0x64;
    public static final int MADV_SOFT_OFFLINE = 0x65;

    public static final int MAP_FILE = 0;
    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    public static final int MAP_SHARED_VALIDATE = 3;
    public static final int MAP_TYPE = 0xf;
    public static final int MAP_FIXED = 0x10;
    public static final int MAP_ANON = 0x20;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_32BIT = 0x40;
    public static final int MAP_GROWSDOWN = 0x100;
    public static final int MAP_DENYWRITE = 0x800;
    public static final int MAP_EXECUTABLE = 0x1000;
    public static final int MAP_LOCKED = 0x2000;
    public static final int MAP_NORESERVE = 0x4000;
    public static final int MAP_POPULATE = 0x8000;
    public static final int MAP_NONBLOCK = 0x10000;
    public static final int MAP_STACK = 0x20000;
    public static final int MAP_HUGETLB = 0x40000;
    public static final int MAP_SYNC = 0x80000;
    public static final int MAP_FIXED_NOREPLACE = 0x100000;
    public static final int MAP_UNINITIALIZED = 0x4000000;
    public static final int MAP_FAILED = -1;

    public static final int MCL_CURRENT = 1;
    public static final int MCL_FUTURE = 2;
    public static final int MCL_ONFAULT = 4;

    public static final int MLOCK_ONFAULT = 1;

    public static final int MREMAP_MAYMOVE = 1;
    public static final int MREMAP_FIXED = 2;
    public static final int MREMAP_DONTUNMAP = 4;

    public static final int MS_ASYNC = 1;
    public static final int MS_INVALIDATE = 2;
    public static final int MS_SYNC = 4;

    public static final int PKEY_DISABLE_ACCESS = 1;
    public static final int PKEY_DISABLE_WRITE = 2;
    public static final int PKEY_ACCESS_MASK = 3;

    public static final int PROT_NONE = 0;
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int PROT_EXEC = 4;
    public static final int PROT_SEM = 8;
    public static final int PROT_GROWSDOWN = 0x1000000;
    public static final int PROT_GROWSUP = 0x2000000;

    private MmapFlags() {}
}
