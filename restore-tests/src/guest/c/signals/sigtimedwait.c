#include "guest.h"

static sigset_t set;
static struct gate ready;

static void child(void *unused) {
    (void)unused;
    siginfo_t info;
    gate_open(&ready);
    EQ(SYS(sigwaitinfo(&set, &info)), SIGRTMIN + 2);
    EQ(info.si_value.sival_int, 5);
    EQ(info.si_pid, getppid());
}

GUEST("sigwaitinfo goes on waiting; sigtimedwait takes what is pending or gives up in time") {
    siginfo_t info;
    struct timespec soon = {0, 30 * MILLISECOND}, never = {0, 0};
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 2);
    sigaddset(&set, SIGUSR1);
    guest_block(SIGRTMIN + 2);
    guest_block(SIGUSR1);
    gate_make(&ready);
    pid_t pid = guest_child(child, NULL);
    gate_pass(&ready);
    SYS(kill(getpid(), SIGUSR1));
    guest_settle();
    checkpoint();
    SYS(sigqueue(pid, SIGRTMIN + 2, (union sigval){.sival_int = 5}));
    REAP(pid);
    EQ(SYS(sigtimedwait(&set, &info, &soon)), SIGUSR1);
    EQ(info.si_code, SI_USER);
    long long before = guest_now(CLOCK_MONOTONIC);
    FAILS(EAGAIN, sigtimedwait(&set, &info, &soon));
    CHECK(guest_now(CLOCK_MONOTONIC) - before >= 30 * MILLISECOND);
    FAILS(EAGAIN, sigtimedwait(&set, &info, &never));
}
