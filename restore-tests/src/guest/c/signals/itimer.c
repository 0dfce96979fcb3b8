#include <sys/time.h>

#include "guest.h"

static volatile int ticks, cpu_ticks;

static void on_tick(int signal, siginfo_t *info, void *context) {
    (void)info;
    (void)context;
    if (signal == SIGALRM) {
        ticks++;
    } else {
        cpu_ticks++;
    }
}

static void until_more(volatile int *counter) {
    int before = *counter;
    while (*counter < before + 2) {
        getppid();
    }
}

GUEST("interval timers keep ticking, in real time and in processor time") {
    struct itimerval now, real = {{0, 5000}, {0, 5000}}, cpu = {{0, 8000}, {0, 8000}};
    guest_handler(SIGALRM, on_tick, SA_RESTART);
    guest_handler(SIGVTALRM, on_tick, SA_RESTART);
    guest_handler(SIGPROF, on_tick, SA_RESTART);
    SYS(setitimer(ITIMER_REAL, &real, NULL));
    SYS(setitimer(ITIMER_VIRTUAL, &cpu, NULL));
    until_more(&ticks);
    until_more(&cpu_ticks);
    checkpoint();
    until_more(&ticks);
    until_more(&cpu_ticks);
    SYS(getitimer(ITIMER_REAL, &now));
    EQ(now.it_interval.tv_usec, 5000);
    CHECK(now.it_value.tv_sec == 0 && now.it_value.tv_usec <= 5000);
    real = (struct itimerval){{0, 0}, {1000, 0}};
    SYS(setitimer(ITIMER_REAL, &real, NULL));
    SYS(setitimer(ITIMER_VIRTUAL, &(struct itimerval){0}, NULL));
    SYS(setitimer(ITIMER_PROF, &cpu, NULL));
    until_more(&cpu_ticks);
    SYS(setitimer(ITIMER_PROF, &(struct itimerval){0}, NULL));
    unsigned left = alarm(0);
    CHECK(left > 990 && left <= 1000);
    EQ(alarm(0), 0);
}
