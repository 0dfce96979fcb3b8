#include <sys/eventfd.h>

#include "epoll.h"

#define FDS 500

GUEST("hundreds of descriptors in one epoll are reported each with its own data") {
    static int fds[FDS];
    static struct epoll_event got[FDS];
    static bool reported[FDS];
    int epoll = SYS(epoll_create1(0));
    for (int i = 0; i < FDS; i++) {
        fds[i] = SYS(eventfd(i % 5 == 0, 0));
        epoll_add(epoll, fds[i], EPOLLIN, i * 1000003ull);
    }
    checkpoint();
    for (int i = 0; i < FDS; i += 7) {
        SYS(eventfd_write(fds[i], 1));
    }
    int expected = 0;
    for (int i = 0; i < FDS; i++) {
        expected += i % 5 == 0 || i % 7 == 0;
    }
    EQ(SYS(epoll_wait(epoll, got, FDS, 0)), expected);
    for (int i = 0; i < expected; i++) {
        int index = got[i].data.u64 / 1000003ull;
        CHECK(index < FDS && (index % 5 == 0 || index % 7 == 0));
        CHECK(!reported[index]);
        reported[index] = true;
        EQ(got[i].events, EPOLLIN);
    }
    // With little room, nobody is left out for ever.
    memset(reported, 0, sizeof reported);
    int different = 0;
    for (int round = 0; round < FDS && different < expected; round++) {
        int count = SYS(epoll_wait(epoll, got, 8, 0));
        EQ(count, 8);
        for (int i = 0; i < count; i++) {
            int index = got[i].data.u64 / 1000003ull;
            different += !reported[index];
            reported[index] = true;
        }
    }
    EQ(different, expected);
}
