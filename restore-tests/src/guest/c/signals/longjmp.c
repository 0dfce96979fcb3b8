#include <setjmp.h>

#include "guest.h"

static sigjmp_buf out;

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)info;
    (void)context;
    siglongjmp(out, signal);
}

static bool is_blocked(int signal) {
    sigset_t mask;
    SYS(sigprocmask(SIG_BLOCK, NULL, &mask));
    return sigismember(&mask, signal);
}

GUEST("a jump out of a handler, to a place set before the checkpoint, restores the mask") {
    volatile int turns = 0;
    guest_handler(SIGUSR1, on_signal, 0);
    int value = sigsetjmp(out, 1);
    if (value == 0) {
        checkpoint();
    } else {
        EQ(value, SIGUSR1);
    }
    CHECK(!is_blocked(SIGUSR1));
    if (++turns < 4) {
        raise(SIGUSR1);
        CHECK(!"the handler has not jumped");
    }
}
