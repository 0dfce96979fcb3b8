#include "guest.h"

GUEST("MADV_DONTNEED forgets private pages and nothing of a shared file") {
    int fd = SYS(open("file", O_RDWR | O_CREAT, 0644));
    EQ(write(fd, "file", 4), 4);
    unsigned char *anonymous = guest_pages(8);
    unsigned char *private = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
    unsigned char *shared = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    guest_fill(anonymous, 8 * PAGE, 1);
    private[0] = 'X';
    SYS(madvise(anonymous + PAGE, PAGE, MADV_DONTNEED));
    EQ(anonymous[PAGE], 0);
    checkpoint();
    EQ(anonymous[PAGE], 0);
    EQ(private[0], 'X');
    SYS(madvise(anonymous + 2 * PAGE, 3 * PAGE, MADV_DONTNEED));
    EQ(anonymous[2 * PAGE], 0);
    EQ(anonymous[5 * PAGE - 1], 0);
    unsigned char *kept = malloc(8 * PAGE);
    guest_fill(kept, 8 * PAGE, 1);
    CHECK(memcmp(anonymous, kept, PAGE) == 0);
    CHECK(memcmp(anonymous + 5 * PAGE, kept + 5 * PAGE, 3 * PAGE) == 0);
    SYS(madvise(private, PAGE, MADV_DONTNEED));
    EQ(private[0], 'f');
    shared[0] = 'F';
    SYS(madvise(shared, PAGE, MADV_DONTNEED));
    EQ(shared[0], 'F');
    SYS(madvise(anonymous, 8 * PAGE, MADV_WILLNEED));
    FAILS(EINVAL, madvise(anonymous + 1, PAGE, MADV_DONTNEED));
    FAILS(EINVAL, madvise(anonymous, PAGE, 12345));
    SYS(munmap(anonymous + 4 * PAGE, PAGE));
    FAILS(ENOMEM, madvise(anonymous, 8 * PAGE, MADV_DONTNEED));
}
