#include "guest.h"

static volatile int calls;
static volatile siginfo_t last;

static void on_signal(int signal, siginfo_t *info, void *context) {
    CHECK(context != NULL);
    EQ(signal, info->si_signo);
    last = *info;
    calls++;
}

static void look(void) {
    int before = calls;
    SYS(kill(getpid(), SIGUSR1));
    EQ(calls, before + 1);
    EQ(last.si_code, SI_USER);
    EQ(last.si_pid, getpid());
    EQ(last.si_uid, getuid());
    SYS(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1));
    EQ(calls, before + 2);
    EQ(last.si_code, SI_TKILL);
    SYS(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 77}));
    EQ(calls, before + 3);
    EQ(last.si_code, SI_QUEUE);
    EQ(last.si_value.sival_int, 77);
}

GUEST("a handler stays installed and is told who sent the signal") {
    guest_handler(SIGUSR1, on_signal, SA_RESTART);
    signal(SIGUSR2, SIG_IGN);
    look();
    checkpoint();
    look();
    struct sigaction action;
    SYS(sigaction(SIGUSR1, NULL, &action));
    CHECK(action.sa_sigaction == on_signal);
    EQ(action.sa_flags & (SA_SIGINFO | SA_RESTART | SA_NODEFER), SA_SIGINFO | SA_RESTART);
    SYS(sigaction(SIGUSR2, NULL, &action));
    CHECK(action.sa_handler == SIG_IGN);
    SYS(raise(SIGUSR2));
    FAILS(EINVAL, sigaction(SIGKILL, &action, NULL));
}
