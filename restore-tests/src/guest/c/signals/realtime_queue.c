#include "guest.h"

#define EACH 5

static volatile int order[3 * EACH];
static volatile int calls;

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)context;
    order[calls++] = (signal - SIGRTMIN) * 100 + info->si_value.sival_int;
}

GUEST("queued realtime signals all come: the lowest number first, each number in order") {
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    sigfillset(&action.sa_mask);
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < 3; i++) {
        SYS(sigaction(SIGRTMIN + i, &action, NULL));
        sigaddset(&set, SIGRTMIN + i);
    }
    SYS(sigprocmask(SIG_BLOCK, &set, NULL));
    for (int value = 0; value < EACH; value++) {
        for (int i = 2; i >= 0; i--) {
            SYS(sigqueue(getpid(), SIGRTMIN + i, (union sigval){.sival_int = value}));
        }
    }
    checkpoint();
    EQ(calls, 0);
    SYS(sigprocmask(SIG_UNBLOCK, &set, NULL));
    EQ(calls, 3 * EACH);
    for (int i = 0; i < 3 * EACH; i++) {
        EQ(order[i], i / EACH * 100 + i % EACH);
    }
}
