#include "epoll.h"

GUEST("edge-triggered epoll reports each change once") {
    int seen[2], unseen[2];
    char text[8];
    SYS(pipe(seen));
    SYS(pipe(unseen));
    int epoll = SYS(epoll_create1(0));
    epoll_add(epoll, seen[0], EPOLLIN | EPOLLET, 1);
    EQ(write(seen[1], "abc", 3), 3);
    epoll_expect(epoll, EPOLLIN, 1);
    epoll_expect_none(epoll);
    epoll_add(epoll, unseen[0], EPOLLIN | EPOLLET, 2);
    EQ(write(unseen[1], "d", 1), 1);
    checkpoint();
    epoll_expect(epoll, EPOLLIN, 2);
    epoll_expect_none(epoll);
    EQ(read(seen[0], text, 1), 1);
    epoll_expect_none(epoll);
    EQ(write(seen[1], "e", 1), 1);
    epoll_expect(epoll, EPOLLIN, 1);
    epoll_expect_none(epoll);
    epoll_set(epoll, EPOLL_CTL_MOD, seen[0], EPOLLIN | EPOLLET, 3); // looks anew
    epoll_expect(epoll, EPOLLIN, 3);
    epoll_expect_none(epoll);
}
