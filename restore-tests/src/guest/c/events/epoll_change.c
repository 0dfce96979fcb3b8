#include "epoll.h"

GUEST("interests are added, changed and removed; a closed file leaves with its last descriptor") {
    int one[2], two[2];
    struct epoll_event event = {.events = EPOLLIN};
    SYS(pipe(one));
    SYS(pipe(two));
    int epoll = SYS(epoll_create1(0));
    epoll_add(epoll, one[0], EPOLLIN, 1);
    epoll_add(epoll, one[1], EPOLLOUT, 2);
    epoll_add(epoll, two[0], EPOLLIN, 3);
    int twin = SYS(dup(two[0]));
    SYS(close(two[0])); // the file is still open as twin
    EQ(write(two[1], "x", 1), 1);
    checkpoint();
    FAILS(EEXIST, epoll_ctl(epoll, EPOLL_CTL_ADD, one[0], &event));
    FAILS(ENOENT, epoll_ctl(epoll, EPOLL_CTL_MOD, twin, &event));
    FAILS(ENOENT, epoll_ctl(epoll, EPOLL_CTL_DEL, twin, NULL));
    FAILS(EBADF, epoll_ctl(epoll, EPOLL_CTL_DEL, two[0], NULL));
    int file = SYS(open("file", O_RDWR | O_CREAT, 0644));
    FAILS(EPERM, epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event));
    epoll_set(epoll, EPOLL_CTL_MOD, one[1], 0, 2); // errors only
    epoll_expect(epoll, EPOLLIN, 3);
    SYS(close(twin));
    epoll_expect_none(epoll);
    SYS(close(one[0]));
    epoll_expect(epoll, EPOLLERR, 2);
    SYS(epoll_ctl(epoll, EPOLL_CTL_DEL, one[1], NULL));
    epoll_expect_none(epoll);
}
