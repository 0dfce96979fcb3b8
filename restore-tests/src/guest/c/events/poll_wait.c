#include <poll.h>
#include <sys/select.h>

#include "guest.h"

static int ends[2];
static struct gate ready;

static void with_poll(void *timeout) {
    struct pollfd polled = {.fd = ends[0], .events = POLLIN};
    gate_open(&ready);
    EQ(poll(&polled, 1, *(int *)timeout), *(int *)timeout < 0);
}

static void with_select(void *unused) {
    fd_set set;
    (void)unused;
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    gate_open(&ready);
    EQ(select(ends[0] + 1, &set, NULL, NULL, NULL), 1);
    CHECK(FD_ISSET(ends[0], &set));
}

static void with_time(void *unused) {
    struct timeval time = {0, 120000};
    (void)unused;
    long long before = guest_now(CLOCK_MONOTONIC);
    gate_open(&ready);
    EQ(select(0, NULL, NULL, NULL, &time), 0);
    CHECK(guest_now(CLOCK_MONOTONIC) - before >= 120 * MILLISECOND);
    EQ(time.tv_sec, 0);
    EQ(time.tv_usec, 0);
}

GUEST("who waits in poll or select goes on waiting, for an event or for its time") {
    int forever = -1, short_time = 120;
    gate_make(&ready);
    SYS(pipe(ends));
    pid_t event[] = {guest_child(with_poll, &forever), guest_child(with_select, NULL)};
    pid_t timed[] = {guest_child(with_poll, &short_time), guest_child(with_time, NULL)};
    for (int i = 0; i < 4; i++) {
        gate_pass(&ready);
    }
    guest_settle();
    checkpoint();
    REAP(timed[0]);
    REAP(timed[1]);
    EQ(waitpid(-1, NULL, WNOHANG), 0);
    EQ(write(ends[1], "x", 1), 1);
    REAP(event[0]);
    REAP(event[1]);
}
