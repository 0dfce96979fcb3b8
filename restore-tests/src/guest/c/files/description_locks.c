#include "guest.h"

GUEST("locks of open file descriptions belong to them and not to the process") {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10};
    int one = SYS(open("file", O_RDWR | O_CREAT, 0644)), two = SYS(open("file", O_RDWR));
    SYS(fcntl(one, F_OFD_SETLK, &lock));
    int twin = SYS(dup(one));
    SYS(close(one));
    checkpoint();
    FAILS(EAGAIN, fcntl(two, F_OFD_SETLK, &lock));
    struct flock found = lock;
    SYS(fcntl(two, F_OFD_GETLK, &found));
    EQ(found.l_type, F_WRLCK);
    EQ(found.l_pid, -1);
    SYS(close(twin));
    SYS(fcntl(two, F_OFD_SETLK, &lock));
}
