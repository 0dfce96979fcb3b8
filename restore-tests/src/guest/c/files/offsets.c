#include "guest.h"

GUEST("open files keep their offsets, and descriptors of one open file share it") {
    char text[16];
    guest_write_file("file", "0123456789abcdef");
    int one = SYS(open("file", O_RDONLY));
    int other = SYS(open("file", O_RDWR));
    int twin = SYS(dup(one));
    EQ(read(one, text, 4), 4);
    EQ(lseek(other, -3, SEEK_END), 13);
    checkpoint();
    EQ(read(twin, text, 2), 2);
    CHECK(memcmp(text, "45", 2) == 0);
    EQ(read(one, text, 2), 2);
    CHECK(memcmp(text, "67", 2) == 0);
    EQ(lseek(twin, 1, SEEK_CUR), 9);
    EQ(lseek(one, 0, SEEK_CUR), 9);
    EQ(write(other, "XYZW", 4), 4);
    EQ(lseek(other, 0, SEEK_CUR), 17);
    EQ(pread(one, text, 8, 12), 5);
    CHECK(memcmp(text, "cXYZW", 5) == 0);
    FAILS(EBADF, write(one, "x", 1));
    FAILS(EINVAL, lseek(one, -1, SEEK_SET));
    EQ(lseek(one, 100, SEEK_SET), 100);
    EQ(read(one, text, 1), 0);
}
