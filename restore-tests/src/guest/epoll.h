/* Short forms for the tests of epoll. */
#ifndef GUEST_EPOLL_H
#define GUEST_EPOLL_H

#include <sys/epoll.h>

#include "guest.h"

static inline void epoll_set(int epoll, int operation, int fd, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data.u64 = data};
    SYS(epoll_ctl(epoll, operation, fd, &event));
}

static inline void epoll_add(int epoll, int fd, uint32_t events, uint64_t data) {
    epoll_set(epoll, EPOLL_CTL_ADD, fd, events, data);
}

/* Exactly one event is there, and it is this one. */
static inline void epoll_expect(int epoll, uint32_t events, uint64_t data) {
    struct epoll_event got[4];
    EQ(SYS(epoll_wait(epoll, got, 4, 0)), 1);
    EQ(got[0].events, events);
    EQ(got[0].data.u64, data);
}

static inline void epoll_expect_none(int epoll) {
    struct epoll_event got;
    EQ(SYS(epoll_wait(epoll, &got, 1, 0)), 0);
}

#endif
