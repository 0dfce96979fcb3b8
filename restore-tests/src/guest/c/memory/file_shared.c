#include "guest.h"

GUEST("a shared mapping of a file, a second one, and the file itself are the same bytes") {
    int fd = SYS(open("file", O_RDWR | O_CREAT, 0644));
    SYS(ftruncate(fd, 3 * PAGE + 100));
    unsigned char *one = SYS(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    unsigned char *two = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE));
    one[PAGE + 10] = 'a';
    EQ(two[10], 'a');
    EQ(pwrite(fd, "b", 1, PAGE + 11), 1);
    EQ(two[11], 'b');
    checkpoint();
    char text[4];
    EQ(pread(fd, text, 2, PAGE + 10), 2);
    CHECK(memcmp(text, "ab", 2) == 0);
    two[12] = 'c';
    EQ(one[PAGE + 12], 'c');
    EQ(pwrite(fd, "d", 1, PAGE + 13), 1);
    EQ(one[PAGE + 13], 'd');
    EQ(two[13], 'd');
    one[3 * PAGE + 99] = 'e';
    SYS(msync(one, 4 * PAGE, MS_SYNC));
    EQ(pread(fd, text, 4, 3 * PAGE + 99), 1);
    EQ(text[0], 'e');
    struct stat status;
    SYS(fstat(fd, &status));
    EQ(status.st_size, 3 * PAGE + 100);
}
