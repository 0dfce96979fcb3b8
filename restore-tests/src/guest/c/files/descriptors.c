#include "guest.h"

GUEST("the table of descriptors is kept: numbers, flags, and which number is free") {
    int null = SYS(open("/dev/null", O_RDWR | O_CLOEXEC));
    SYS(dup2(null, 20));
    SYS(dup3(null, 21, O_CLOEXEC));
    EQ(SYS(fcntl(null, F_DUPFD, 30)), 30);
    EQ(SYS(fcntl(null, F_DUPFD_CLOEXEC, 30)), 31);
    SYS(close(null));
    checkpoint();
    EQ(SYS(fcntl(20, F_GETFD)), 0);
    EQ(SYS(fcntl(21, F_GETFD)), FD_CLOEXEC);
    EQ(SYS(fcntl(30, F_GETFD)), 0);
    EQ(SYS(fcntl(31, F_GETFD)), FD_CLOEXEC);
    EQ(SYS(dup(20)), null); // the lowest free one
    FAILS(EBADF, fcntl(22, F_GETFD));
    FAILS(EBADF, close(22));
    EQ(SYS(dup2(20, 20)), 20);
    FAILS(EINVAL, dup3(20, 20, 0));
    SYS(syscall(SYS_close_range, 20, 30, 0));
    FAILS(EBADF, fcntl(20, F_GETFD));
    FAILS(EBADF, fcntl(30, F_GETFD));
    SYS(fcntl(31, F_SETFD, 0));
    EQ(SYS(fcntl(31, F_GETFD)), 0);
}
