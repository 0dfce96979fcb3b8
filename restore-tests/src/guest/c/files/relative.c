#include "guest.h"

GUEST("paths relative to an open folder are found, also after it was moved") {
    struct stat status;
    char text[8];
    SYS(mkdir("one", 0755));
    SYS(mkdir("one/two", 0755));
    int folder = SYS(open("one/two", O_RDONLY | O_DIRECTORY));
    int path = SYS(open("one", O_PATH));
    SYS(rename("one/two", "moved"));
    checkpoint();
    int fd = SYS(openat(folder, "file", O_RDWR | O_CREAT | O_EXCL, 0644));
    EQ(write(fd, "text", 4), 4);
    CHECK(strcmp(guest_read_file("moved/file"), "text") == 0);
    FAILS(EEXIST, openat(folder, "file", O_RDWR | O_CREAT | O_EXCL, 0644));
    SYS(fstatat(path, "../moved/file", &status, 0));
    EQ(status.st_size, 4);
    SYS(fstatat(fd, "", &status, AT_EMPTY_PATH));
    EQ(status.st_size, 4);
    FAILS(EBADF, read(path, text, 1));
    FAILS(ENOTDIR, openat(fd, "x", O_RDONLY));
    SYS(mkdirat(path, "inner", 0755));
    SYS(unlinkat(AT_FDCWD, "one/inner", AT_REMOVEDIR));
    SYS(fchdir(folder));
    SYS(stat("file", &status));
    SYS(unlinkat(folder, "file", 0));
}
