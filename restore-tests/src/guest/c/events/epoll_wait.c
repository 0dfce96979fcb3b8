#include "epoll.h"

static int ends[2];
static struct gate ready;

static void child(void *unused) {
    struct epoll_event got;
    (void)unused;
    int epoll = SYS(epoll_create1(0));
    epoll_add(epoll, ends[0], EPOLLIN, 9);
    gate_open(&ready);
    EQ(epoll_wait(epoll, &got, 1, -1), 1);
    EQ(got.data.u64, 9);
}

static void with_timeout(void *unused) {
    struct epoll_event got;
    (void)unused;
    int epoll = SYS(epoll_create1(0));
    long long before = guest_now(CLOCK_MONOTONIC);
    gate_open(&ready);
    EQ(epoll_wait(epoll, &got, 1, 120), 0);
    CHECK(guest_now(CLOCK_MONOTONIC) - before >= 120 * MILLISECOND);
}

GUEST("who waits in epoll_wait goes on waiting, for an event or for its time") {
    gate_make(&ready);
    SYS(pipe(ends));
    pid_t waiting = guest_child(child, NULL);
    pid_t timed = guest_child(with_timeout, NULL);
    gate_pass(&ready);
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    REAP(timed);
    EQ(waitpid(waiting, NULL, WNOHANG), 0);
    EQ(write(ends[1], "x", 1), 1);
    REAP(waiting);
}
