#include <sys/sysmacros.h>

#include "guest.h"

static void look(ino_t inode) {
    struct stat status;
    SYS(stat("file", &status));
    EQ(status.st_mode, S_IFREG | 04751);
    EQ(status.st_atim.tv_sec, 1000000000);
    EQ(status.st_atim.tv_nsec, 123456789);
    EQ(status.st_mtim.tv_sec, 1);
    EQ(status.st_mtim.tv_nsec, 5);
    EQ(status.st_size, 4);
    EQ(status.st_uid, geteuid());
    EQ(status.st_ino, inode);
    SYS(stat("folder", &status));
    EQ(status.st_mode, S_IFDIR | 01777);
}

GUEST("mode, times and number of a file are kept") {
    struct stat status;
    struct timespec times[] = {{1000000000, 123456789}, {1, 5}};
    guest_write_file("file", "text");
    SYS(chmod("file", 04751));
    SYS(mkdir("folder", 0700));
    SYS(chmod("folder", 01777));
    SYS(utimensat(AT_FDCWD, "file", times, 0));
    SYS(stat("file", &status));
    ino_t inode = status.st_ino;
    long long changed = status.st_ctim.tv_sec * SECOND + status.st_ctim.tv_nsec;
    look(inode);
    checkpoint();
    look(inode);
    struct timespec omit[] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
    long long before = guest_now(CLOCK_REALTIME);
    SYS(utimensat(AT_FDCWD, "file", omit, 0));
    SYS(stat("file", &status));
    EQ(status.st_atim.tv_sec, 1000000000);
    CHECK(status.st_mtim.tv_sec >= before / SECOND - 1);
    CHECK(status.st_ctim.tv_sec * SECOND + status.st_ctim.tv_nsec >= changed);
    SYS(stat("/dev/null", &status));
    CHECK(S_ISCHR(status.st_mode));
    EQ(major(status.st_rdev), 1);
    EQ(minor(status.st_rdev), 3);
    SYS(access("file", R_OK | W_OK | X_OK));
    FAILS(ENOENT, access("missing", F_OK));
    FAILS(ENOTDIR, stat("file/below", &status));
    FAILS(ENAMETOOLONG, mkdir((char[300]){[0 ... 298] = 'x'}, 0755));
}
