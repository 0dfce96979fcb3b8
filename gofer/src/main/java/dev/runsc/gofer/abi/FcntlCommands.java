package dev.runsc.gofer.abi;

/** Commands of fcntl(2) and flock(2). Names and values are those of the Linux x86-64 headers. */
public final class FcntlCommands {
    public static final int DN_ACCESS = 1;
    public static final int DN_MODIFY = 2;
    public static final int DN_CREATE = 4;
    public static final int DN_DELETE = 8;
    public static final int DN_RENAME = 16;
    public static final int DN_ATTRIB = 32;
    public static final int DN_MULTISHOT = 0x80000000;

    public static final int F_DUPFD = 0;
    public static final int F_OWNER_TID = 0;
    public static final int F_RDLCK = 0;
    public static final int F_GETFD = 1;
    public static final int F_OWNER_PID = 1;
    public static final int F_SEAL_SEAL = 1;
    public static final int F_WRLCK = 1;
    public static final int F_OWNER_PGRP = 2;
    public static final int F_SEAL_SHRINK = 2;
    public static final int F_SETFD = 2;
    public static final int F_UNLCK = 2;
    public static final int F_GETFL = 3;
    public static final int F_EXLCK = 4;
    public static final int F_SEAL_GROW = 4;
    public static final int F_SETFL = 4;
    public static final int F_GETLK = 5;
    public static final int F_SETLK = 6;
    public static final int F_SETLKW = 7;
    public static final int F_SEAL_WRITE = 8;
    public static final int F_SETOWN = 8;
    public static final int F_SHLCK = 8;
    public static final int F_GETOWN = 9;
    public static final int F_SETSIG = 10;
    public static final int F_GETSIG = 11;
    public static final int F_SETOWN_EX = 15;
    public static final int F_GETOWN_EX = 16;
    public static final int F_SEAL_FUTURE_WRITE = 16;
    public static final int F_GETOWNER_UIDS = 17;
    public static final int F_OFD_GETLK = 36;
    public static final int F_OFD_SETLK = 37;
    public static final int F_OFD_SETLKW = 38;
    public static final int F_LINUX_SPECIFIC_BASE = 1024;
    public static final int F_SETLEASE = 1024;
    public static final int F_GETLEASE = 1025;
    public static final int F_NOTIFY = 1026;
    public static final int F_CANCELLK = 1029;
    public static final int F_DUPFD_CLOEXEC = 1030;
    public static final int F_SETPIPE_SZ = 1031;
    public static final int F_GETPIPE_SZ = 1032;
    public static final int F_ADD_SEALS = 1033;
    public static final int F_GET_SEALS = 1034;
    public static final int F_GET_RW_HINT = 1035;
    public static final int F_SET_RW_HINT = 1036;
    public static final int F_GET_FILE_RW_HINT = 1037;
    public static final int F_SET_FILE_RW_HINT = 1038;

    public static final int FD_CLOEXEC = 1;

    public static final int LOCK_SH = 1;
    public static final int LOCK_EX = 2;
    public static final int LOCK_NB = 4;
    public static final int LOCK_UN = 8;
    public static final int LOCK_MAND = 32;
    public static final int LOCK_READ = 64;
    public static final int LOCK_WRITE = 128;
    public static final int LOCK_RW = 192;

    private FcntlCommands() {}
}
