#include "guest.h"

GUEST("the pages of a private mapping that were not written show what others write to the file") {
    int fd = SYS(open("file", O_RDWR | O_CREAT, 0600));
    SYS(ftruncate(fd, 4 * PAGE));
    char *shared = SYS(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    char *private = SYS(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
    shared[0] = 'a';
    EQ(private[0], 'a');
    private[1] = 'p';
    EQ(private[0], 'a');
    EQ(shared[1], 0);
    shared[0] = 'b';
    EQ(private[0], 'a');
    checkpoint();
    shared[PAGE] = 'c';
    EQ(private[PAGE], 'c');
    EQ(pwrite(fd, "d", 1, 2 * PAGE), 1);
    EQ(private[2 * PAGE], 'd');
    EQ(private[0], 'a');
    EQ(private[1], 'p');
    EQ(shared[0], 'b');
    /* Another mapping, made late, whose first touch is a write. */
    char *late = SYS(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
    shared[3 * PAGE] = 'e';
    late[3 * PAGE + 1] = 'l';
    EQ(late[3 * PAGE], 'e');
    shared[2 * PAGE] = 'f';
    EQ(late[2 * PAGE], 'f');
}
