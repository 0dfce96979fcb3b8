#include <poll.h>

#include "epoll.h"

GUEST("an epoll within an epoll reports what the inner one would") {
    int ends[2];
    char byte;
    SYS(pipe(ends));
    int inner = SYS(epoll_create1(0)), outer = SYS(epoll_create1(0)), edge = SYS(epoll_create1(0));
    epoll_add(inner, ends[0], EPOLLIN, 1);
    epoll_add(outer, inner, EPOLLIN, 2);
    epoll_add(edge, inner, EPOLLIN | EPOLLET, 3);
    FAILS(EINVAL, epoll_ctl(inner, EPOLL_CTL_ADD, inner, &(struct epoll_event){.events = EPOLLIN}));
    FAILS(ELOOP, epoll_ctl(inner, EPOLL_CTL_ADD, outer, &(struct epoll_event){.events = EPOLLIN}));
    int third = SYS(epoll_create1(0));
    struct epoll_event exclusive = {.events = EPOLLIN | EPOLLEXCLUSIVE};
    FAILS(EINVAL, epoll_ctl(outer, EPOLL_CTL_ADD, third, &exclusive));
    FAILS(EINVAL, epoll_ctl(outer, EPOLL_CTL_MOD, ends[0], &exclusive));
    struct epoll_event once = {.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT};
    FAILS(EINVAL, epoll_ctl(outer, EPOLL_CTL_ADD, ends[0], &once));
    SYS(close(third));
    epoll_expect_none(outer);
    checkpoint();
    epoll_expect_none(outer);
    EQ(write(ends[1], "a", 1), 1);
    epoll_expect(outer, EPOLLIN, 2);
    epoll_expect(edge, EPOLLIN, 3);
    struct pollfd polled = {.fd = outer, .events = POLLIN};
    EQ(SYS(poll(&polled, 1, 0)), 1);
    epoll_expect(inner, EPOLLIN, 1);
    EQ(read(ends[0], &byte, 1), 1);
    epoll_expect_none(outer);
    epoll_expect_none(edge);
}
