#include "guest.h"

static volatile int ticks, receiver, calls;

static void on_tick(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    receiver = gettid();
    ticks++;
}

static void in_thread(union sigval value) {
    EQ(value.sival_int, 33);
    calls++;
}

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

GUEST("a timer for one thread signals it; one with a function calls it in a thread") {
    struct itimerspec fast = {{0, 5 * MILLISECOND}, {0, 5 * MILLISECOND}};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
    timer_t to_thread, calling;
    event.sigev_notify_thread_id = gettid();
    guest_handler(SIGUSR1, on_tick, SA_RESTART);
    SYS(timer_create(CLOCK_MONOTONIC, &event, &to_thread));
    SYS(timer_settime(to_thread, 0, &fast, NULL));
    event = (struct sigevent){.sigev_notify = SIGEV_THREAD, .sigev_notify_function = in_thread};
    event.sigev_value.sival_int = 33;
    SYS(timer_create(CLOCK_MONOTONIC, &event, &calling));
    SYS(timer_settime(calling, 0, &fast, NULL));
    checkpoint();
    int before_ticks = ticks, before_calls = calls;
    while (ticks < before_ticks + 2 || calls < before_calls + 2) {
        guest_sleep(MILLISECOND);
    }
    EQ(receiver, gettid());
    SYS(timer_delete(calling));
    SYS(timer_delete(to_thread));
}
