#include "guest.h"

GUEST("a timer whose signal is blocked counts what was missed") {
    struct itimerspec fast = {{0, 2 * MILLISECOND}, {0, MILLISECOND}};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    timer_t timer;
    siginfo_t info;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    guest_block(SIGRTMIN);
    SYS(timer_create(CLOCK_MONOTONIC, &event, &timer));
    SYS(timer_settime(timer, 0, &fast, NULL));
    guest_sleep(30 * MILLISECOND);
    checkpoint();
    EQ(SYS(sigwaitinfo(&set, &info)), SIGRTMIN);
    EQ(info.si_code, SI_TIMER);
    CHECK(info.si_overrun >= 10);
    EQ(SYS(timer_getoverrun(timer)), info.si_overrun);
    struct timespec now = {0, 0};
    SYS(timer_settime(timer, 0, &(struct itimerspec){0}, NULL));
    (void)sigtimedwait(&set, &info, &now); // one more may have come meanwhile
    FAILS(EAGAIN, sigtimedwait(&set, &info, &now));
    SYS(timer_delete(timer));
}
