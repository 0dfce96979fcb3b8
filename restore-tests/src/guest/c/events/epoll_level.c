#include "epoll.h"

GUEST("level-triggered epoll reports as long as there is something") {
    int ends[2];
    char text[8];
    SYS(pipe(ends));
    int epoll = SYS(epoll_create1(EPOLL_CLOEXEC));
    epoll_add(epoll, ends[0], EPOLLIN, 0x1234567890abcdef);
    epoll_expect_none(epoll);
    EQ(write(ends[1], "abc", 3), 3);
    epoll_expect(epoll, EPOLLIN, 0x1234567890abcdef);
    EQ(read(ends[0], text, 1), 1);
    checkpoint();
    epoll_expect(epoll, EPOLLIN, 0x1234567890abcdef);
    EQ(read(ends[0], text, 1), 1);
    epoll_expect(epoll, EPOLLIN, 0x1234567890abcdef);
    EQ(read(ends[0], text, 1), 1);
    epoll_expect_none(epoll);
    SYS(close(ends[1]));
    epoll_expect(epoll, EPOLLHUP, 0x1234567890abcdef);
    EQ(fcntl(epoll, F_GETFD), FD_CLOEXEC);
    struct epoll_event event;
    FAILS(EINVAL, epoll_wait(ends[0], &event, 1, 0));
    FAILS(EINVAL, epoll_wait(epoll, &event, 0, 0));
}
