#include "guest.h"

GUEST("a file that was removed while open lives until it is closed") {
    unsigned char bytes[10000], got[10000];
    struct stat status;
    guest_fill(bytes, sizeof bytes, 1);
    int fd = SYS(open("file", O_RDWR | O_CREAT, 0600));
    EQ(write(fd, bytes, sizeof bytes), sizeof bytes);
    SYS(unlink("file"));
    int unnamed = SYS(open(".", O_RDWR | O_TMPFILE, 0600));
    EQ(write(unnamed, "unnamed", 7), 7);
    checkpoint();
    SYS(fstat(fd, &status));
    EQ(status.st_nlink, 0);
    EQ(status.st_size, sizeof bytes);
    FAILS(ENOENT, stat("file", &status));
    EQ(pread(fd, got, sizeof got, 0), sizeof got);
    CHECK(memcmp(bytes, got, sizeof bytes) == 0);
    EQ(write(fd, "more", 4), 4);
    guest_write_file("file", "another"); // the name is free
    SYS(fstat(fd, &status));
    EQ(status.st_size, sizeof bytes + 4);
    EQ(pread(unnamed, got, 100, 0), 7);
    CHECK(memcmp(got, "unnamed", 7) == 0);
}
