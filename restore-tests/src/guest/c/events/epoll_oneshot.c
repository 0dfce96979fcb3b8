#include "epoll.h"

GUEST("one-shot interest is off after its event, until it is set again") {
    int one[2], two[2];
    SYS(pipe(one));
    SYS(pipe(two));
    int epoll = SYS(epoll_create1(0));
    epoll_add(epoll, one[0], EPOLLIN | EPOLLONESHOT, 1);
    epoll_add(epoll, two[0], EPOLLIN | EPOLLONESHOT, 2);
    EQ(write(one[1], "a", 1), 1);
    epoll_expect(epoll, EPOLLIN, 1);
    epoll_expect_none(epoll);
    checkpoint();
    epoll_expect_none(epoll);
    EQ(write(one[1], "b", 1), 1);
    epoll_expect_none(epoll);
    EQ(write(two[1], "c", 1), 1);
    epoll_expect(epoll, EPOLLIN, 2);
    epoll_expect_none(epoll);
    SYS(close(two[1]));
    epoll_expect_none(epoll); // not even the hang-up
    epoll_set(epoll, EPOLL_CTL_MOD, one[0], EPOLLIN | EPOLLONESHOT, 3);
    epoll_expect(epoll, EPOLLIN, 3);
    epoll_expect_none(epoll);
}
