#include <sys/select.h>

#include "guest.h"

GUEST("select changes its sets to what is ready") {
    int empty[2], filled[2];
    fd_set readable, writable, exceptional;
    struct timeval now = {0, 0};
    SYS(pipe(empty));
    SYS(pipe(filled));
    EQ(write(filled[1], "x", 1), 1);
    int high = SYS(fcntl(filled[0], F_DUPFD, 700));
    checkpoint();
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_ZERO(&exceptional);
    FD_SET(empty[0], &readable);
    FD_SET(high, &readable);
    FD_SET(empty[1], &writable);
    FD_SET(empty[0], &exceptional);
    EQ(SYS(select(high + 1, &readable, &writable, &exceptional, &now)), 2);
    CHECK(!FD_ISSET(empty[0], &readable));
    CHECK(FD_ISSET(high, &readable));
    CHECK(FD_ISSET(empty[1], &writable));
    CHECK(!FD_ISSET(empty[0], &exceptional));
    FD_ZERO(&readable);
    FD_SET(150, &readable);
    FAILS(EBADF, select(151, &readable, NULL, NULL, &now));
    FAILS(EINVAL, select(-1, NULL, NULL, NULL, &now));
}
