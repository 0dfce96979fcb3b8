#include <sys/sendfile.h>
#include <sys/uio.h>

#include "guest.h"

GUEST("pieces are gathered and scattered, and files copied within the kernel") {
    struct iovec out[] = {{"one", 3}, {"", 0}, {"second", 6}, {"3", 1}};
    char a[4], b[20];
    struct iovec in[] = {{a, 4}, {b, 20}};
    int fd = SYS(open("file", O_RDWR | O_CREAT, 0644)), copy = SYS(open("copy", O_RDWR | O_CREAT, 0644));
    EQ(writev(fd, out, 4), 10);
    checkpoint();
    EQ(lseek(fd, 0, SEEK_CUR), 10);
    EQ(pwritev(fd, out, 1, 10), 3);
    EQ(preadv(fd, in, 2, 0), 13);
    CHECK(memcmp(a, "ones", 4) == 0);
    CHECK(memcmp(b, "econd3one", 9) == 0);
    off_t offset = 3;
    EQ(SYS(sendfile(copy, fd, &offset, 6)), 6);
    EQ(offset, 9);
    loff_t from = 0;
    EQ(SYS(copy_file_range(fd, &from, copy, NULL, 3, 0)), 3);
    CHECK(strcmp(guest_read_file("copy"), "secondone") == 0);
    FAILS(EINVAL, writev(fd, out, -1));
    FAILS(EINVAL, preadv(fd, in, 2, -1));
}
