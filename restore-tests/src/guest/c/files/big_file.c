#include "guest.h"

#define SIZE (12L << 20)

GUEST("a file of many pages is kept whole") {
    unsigned char *bytes = malloc(1 << 20), *got = malloc(1 << 20);
    int fd = SYS(open("file", O_RDWR | O_CREAT, 0644));
    for (long at = 0; at < SIZE; at += 1 << 20) {
        guest_fill(bytes, 1 << 20, at >> 20);
        EQ(write(fd, bytes, 1 << 20), 1 << 20);
    }
    checkpoint();
    for (long at = SIZE - (1 << 20); at >= 0; at -= 1 << 20) {
        EQ(pread(fd, got, 1 << 20, at), 1 << 20);
        CHECK(guest_filled(got, 1 << 20, at >> 20));
    }
    SYS(ftruncate(fd, SIZE / 2 + 100));
    SYS(ftruncate(fd, SIZE));
    EQ(pread(fd, got, PAGE, SIZE / 2), PAGE);
    for (int i = 100; i < PAGE; i++) {
        EQ(got[i], 0);
    }
}
