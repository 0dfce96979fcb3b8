#include "guest.h"

static volatile int ticks[2];
static volatile int value, code;

static void on_tick(int signal, siginfo_t *info, void *context) {
    (void)context;
    value = info->si_value.sival_int;
    code = info->si_code;
    ticks[signal - SIGRTMIN]++;
}

static timer_t make(clockid_t clock, int signal, int number) {
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = signal};
    event.sigev_value.sival_int = number;
    SYS(timer_create(clock, &event, &timer));
    return timer;
}

static void until_more(int index) {
    int before = ticks[index];
    while (ticks[index] < before + 2) {
        guest_sleep(MILLISECOND);
    }
}

GUEST("POSIX timers keep firing, with their signal and value") {
    struct itimerspec fast = {{0, 5 * MILLISECOND}, {0, MILLISECOND}}, slow = {{0, 0}, {1000, 0}}, now;
    guest_handler(SIGRTMIN, on_tick, SA_RESTART);
    guest_handler(SIGRTMIN + 1, on_tick, SA_RESTART);
    timer_t ticking = make(CLOCK_MONOTONIC, SIGRTMIN, 11);
    timer_t waiting = make(CLOCK_REALTIME, SIGRTMIN + 1, 22);
    SYS(timer_settime(ticking, 0, &fast, NULL));
    SYS(timer_settime(waiting, 0, &slow, NULL));
    until_more(0);
    checkpoint();
    until_more(0);
    EQ(value, 11);
    EQ(code, SI_TIMER);
    EQ(ticks[1], 0);
    SYS(timer_gettime(waiting, &now));
    CHECK(now.it_value.tv_sec > 900 && now.it_value.tv_sec < 1000);
    SYS(timer_gettime(ticking, &now));
    EQ(now.it_interval.tv_nsec, 5 * MILLISECOND);
    SYS(timer_settime(waiting, 0, &fast, NULL));
    until_more(1);
    SYS(timer_delete(ticking));
    int before = ticks[0];
    until_more(1);
    EQ(ticks[0], before);
    FAILS(EINVAL, timer_settime(ticking, 0, &fast, NULL));
}
