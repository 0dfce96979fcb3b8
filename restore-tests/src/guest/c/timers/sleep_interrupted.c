#include "guest.h"

static volatile int calls;

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    calls++;
}

GUEST("a sleep ended by a handler tells how much is left") {
    struct timespec request = {100, 0}, left = {0, 0};
    struct itimerspec soon = {{0, 0}, {0, 20 * MILLISECOND}};
    timer_t timer;
    guest_handler(SIGALRM, on_signal, 0);
    SYS(timer_create(CLOCK_MONOTONIC, NULL, &timer)); // SIGALRM unless told otherwise
    checkpoint();
    SYS(timer_settime(timer, 0, &soon, NULL));
    FAILS(EINTR, nanosleep(&request, &left));
    EQ(calls, 1);
    CHECK(left.tv_sec >= 90 && left.tv_sec < 100);
    SYS(timer_settime(timer, 0, &soon, NULL));
    EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &request, &left), EINTR);
    CHECK(left.tv_sec >= 90 && left.tv_sec < 100);
    FAILS(EINVAL, nanosleep(&(struct timespec){0, SECOND}, NULL));
}
