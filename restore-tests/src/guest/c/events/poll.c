#include <poll.h>

#include "guest.h"

static struct pollfd polled[6];

static void expect(int ready, const short *events) {
    EQ(SYS(poll(polled, 6, 0)), ready);
    for (int i = 0; i < 6; i++) {
        EQ(polled[i].revents, events[i]);
    }
}

GUEST("poll tells what can be done with each descriptor") {
    int empty[2], filled[2], no_writer[2], no_reader[2];
    SYS(pipe(empty));
    SYS(pipe(filled));
    SYS(pipe(no_writer));
    SYS(pipe(no_reader));
    EQ(write(filled[1], "x", 1), 1);
    EQ(write(no_writer[1], "x", 1), 1);
    SYS(close(no_writer[1]));
    SYS(close(no_reader[0]));
    int fds[] = {empty[0], filled[0], no_writer[0], no_reader[1], empty[1], -1};
    for (int i = 0; i < 6; i++) {
        polled[i] = (struct pollfd){.fd = fds[i], .events = i == 3 || i == 4 ? POLLOUT : POLLIN};
    }
    short events[] = {0, POLLIN, POLLIN | POLLHUP, POLLOUT | POLLERR, POLLOUT, 0};
    expect(4, events);
    checkpoint();
    expect(4, events);
    polled[5].fd = 150; // not open
    events[5] = POLLNVAL;
    expect(5, events);
    long long before = guest_now(CLOCK_MONOTONIC);
    EQ(SYS(poll(polled, 1, 30)), 0);
    CHECK(guest_now(CLOCK_MONOTONIC) - before >= 30 * MILLISECOND);
    EQ(SYS(poll(NULL, 0, 1)), 0);
}
