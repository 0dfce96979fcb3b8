#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "guest.h"

static volatile int calls;
static struct gate ready;
static sigset_t open_mask;

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    calls++;
}

/* The signal is blocked but for the wait; one is pending already when it begins. */
static void child(void *kind) {
    struct epoll_event event;
    gate_open(&ready);
    for (int i = 1; i <= 2; i++) {
        if (kind == (void *)0) {
            FAILS(EINTR, ppoll(NULL, 0, NULL, &open_mask));
        } else if (kind == (void *)1) {
            FAILS(EINTR, pselect(0, NULL, NULL, NULL, NULL, &open_mask));
        } else {
            FAILS(EINTR, epoll_pwait(SYS(epoll_create1(0)), &event, 1, -1, &open_mask));
        }
        EQ(calls, i);
        if (i == 1) {
            SYS(raise(SIGUSR1));
            EQ(calls, 1);
        }
    }
}

GUEST("ppoll, pselect and epoll_pwait open a signal for just as long as they wait") {
    pid_t pids[3];
    gate_make(&ready);
    guest_handler(SIGUSR1, on_signal, 0);
    SYS(sigprocmask(SIG_BLOCK, NULL, &open_mask));
    guest_block(SIGUSR1);
    for (long i = 0; i < 3; i++) {
        pids[i] = guest_child(child, (void *)i);
        gate_pass(&ready);
    }
    guest_settle();
    checkpoint();
    for (int i = 0; i < 3; i++) {
        SYS(kill(pids[i], SIGUSR1));
        REAP(pids[i]);
    }
    EQ(calls, 0);
}
