#include <sys/resource.h>

#include "guest.h"

static void child(void *value) {
    long number = (long)value;
    if (number % 2 == 0) {
        _exit((int)number);
    }
    SYS(kill(getpid(), SIGKILL));
}

GUEST("children that have ended and were not waited for are still to be waited for") {
    pid_t pids[6];
    siginfo_t info;
    for (long i = 0; i < 6; i++) {
        pids[i] = guest_child(child, (void *)(i + 10));
        SYS(waitid(P_PID, pids[i], &info, WEXITED | WNOWAIT));
    }
    checkpoint();
    for (int i = 5; i >= 0; i--) {
        int status;
        struct rusage usage;
        SYS(kill(pids[i], 0)); // exists
        EQ(SYS(wait4(pids[i], &status, 0, &usage)), pids[i]);
        if (i % 2 == 0) {
            CHECK(WIFEXITED(status));
            EQ(WEXITSTATUS(status), i + 10);
        } else {
            CHECK(WIFSIGNALED(status));
            EQ(WTERMSIG(status), SIGKILL);
        }
        FAILS(ESRCH, kill(pids[i], 0));
    }
    FAILS(ECHILD, wait(NULL));
}
