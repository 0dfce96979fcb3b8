#include "guest.h"

#define HIGH (1L << 30)

GUEST("holes in a file are zero, take no room and are found") {
    struct stat status;
    char text[8];
    int fd = SYS(open("file", O_RDWR | O_CREAT, 0644));
    SYS(ftruncate(fd, 2 * HIGH));
    EQ(pwrite(fd, "middle", 6, HIGH), 6);
    checkpoint();
    SYS(fstat(fd, &status));
    EQ(status.st_size, 2 * HIGH);
    CHECK(status.st_blocks > 0 && status.st_blocks * 512 < 1 << 20);
    EQ(pread(fd, text, 6, HIGH), 6);
    CHECK(memcmp(text, "middle", 6) == 0);
    EQ(pread(fd, text, 8, HIGH / 2), 8);
    CHECK(memcmp(text, "\0\0\0\0\0\0\0\0", 8) == 0);
    EQ(lseek(fd, 0, SEEK_DATA), HIGH);
    EQ(lseek(fd, 0, SEEK_HOLE), 0);
    CHECK(lseek(fd, HIGH, SEEK_HOLE) <= HIGH + (1 << 20));
    FAILS(ENXIO, lseek(fd, HIGH + (1 << 20), SEEK_DATA));
    SYS(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, HIGH, PAGE));
    EQ(pread(fd, text, 6, HIGH), 6);
    EQ(text[0], 0);
    SYS(ftruncate(fd, 100));
    SYS(fallocate(fd, 0, 0, 3 * PAGE));
    SYS(fstat(fd, &status));
    EQ(status.st_size, 3 * PAGE);
    FAILS(EINVAL, fallocate(fd, 0, 0, 0));
}
