#include "guest.h"

static char trace[64];

static void mark(const char *text) {
    strcat(trace, text);
}

static void on_first(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    mark("a");
    SYS(raise(SIGUSR2)); // interrupts this one
    SYS(raise(SIGHUP));  // in sa_mask: waits
    SYS(raise(SIGUSR1)); // itself: waits
    mark("A");
    SYS(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = SIG_IGN}, NULL)); // forgets the one that waits
}

static void on_second(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    mark("b");
}

static void on_hangup(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    mark("c");
}

static void look(void) {
    struct sigaction action = {.sa_sigaction = on_first, .sa_flags = SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGHUP);
    SYS(sigaction(SIGUSR1, &action, NULL));
    trace[0] = '\0';
    SYS(raise(SIGUSR1));
    CHECK(strcmp(trace, "abAc") == 0);
}

static volatile int levels;

static void on_again(int signal, siginfo_t *info, void *context) {
    (void)info;
    (void)context;
    if (++levels < 5) {
        SYS(raise(signal));
    }
    mark("n");
}

GUEST("handlers nest, except for what their masks block") {
    guest_handler(SIGUSR2, on_second, 0);
    guest_handler(SIGHUP, on_hangup, 0);
    look();
    checkpoint();
    look();
    guest_handler(SIGUSR2, on_again, SA_NODEFER);
    trace[0] = '\0';
    SYS(raise(SIGUSR2));
    CHECK(strcmp(trace, "nnnnn") == 0);
    guest_handler(SIGHUP, on_hangup, SA_RESETHAND);
    SYS(raise(SIGHUP));
    struct sigaction action;
    SYS(sigaction(SIGHUP, NULL, &action));
    CHECK(action.sa_handler == SIG_DFL);
}
