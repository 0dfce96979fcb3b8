#include <sys/prctl.h>

#include "guest.h"

static struct gate ready, go, told;

static void on_death(int signal, siginfo_t *info, void *context) {
    (void)context;
    EQ(signal, SIGUSR1);
    (void)info;
    gate_open(&told);
    _exit(0);
}

static void grandchild(void *unused) {
    (void)unused;
    guest_handler(SIGUSR1, on_death, 0);
    SYS(prctl(PR_SET_PDEATHSIG, SIGUSR1));
    gate_open(&ready);
    for (;;) {
        guest_sleep(SECOND);
    }
}

static void child(void *unused) {
    (void)unused;
    guest_child(grandchild, NULL);
    gate_pass(&go);
}

GUEST("a child that has asked for it is told when its parent dies") {
    gate_make(&ready);
    gate_make(&go);
    gate_make(&told);
    SYS(prctl(PR_SET_CHILD_SUBREAPER, 1));
    pid_t pid = guest_child(child, NULL);
    gate_pass(&ready);
    checkpoint();
    gate_open(&go);
    REAP(pid);
    gate_pass(&told);
    CHECK(SYS(wait(NULL)) > 0); // the grandchild, by now ours
}
