#include "guest.h"

static struct gate ready, go;

static void member(void *unused) {
    (void)unused;
    gate_open(&ready);
    gate_pass(&go);
}

static void leader(void *unused) {
    (void)unused;
    EQ(SYS(setsid()), getpid());
    FAILS(EPERM, setsid());
    EQ(getpgrp(), getpid());
    EQ(getsid(0), getpid());
    gate_open(&ready);
    gate_pass(&go);
    EQ(getpgrp(), getpid());
    EQ(getsid(0), getpid());
    FAILS(ENXIO, open("/dev/tty", O_RDWR)); // a new session has no terminal
}

GUEST("process groups and sessions are kept, and signals reach whole groups") {
    pid_t members[3];
    int status;
    gate_make(&ready);
    gate_make(&go);
    EQ(getpgrp(), getpid()); // so the runner starts us
    for (int i = 0; i < 3; i++) {
        members[i] = guest_child(member, NULL);
        SYS(setpgid(members[i], members[0]));
        gate_pass(&ready);
    }
    pid_t session = guest_child(leader, NULL);
    gate_pass(&ready);
    checkpoint();
    for (int i = 0; i < 3; i++) {
        EQ(SYS(getpgid(members[i])), members[0]);
        EQ(SYS(getsid(members[i])), getsid(0));
    }
    EQ(SYS(getpgid(session)), session);
    EQ(SYS(getsid(session)), session);
    FAILS(EPERM, setpgid(members[0], session)); // of another session
    SYS(kill(-members[0], SIGTERM));
    for (int i = 0; i < 3; i++) {
        CHECK(SYS(waitpid(-members[0], &status, 0)) > 0);
        CHECK(WIFSIGNALED(status));
        EQ(WTERMSIG(status), SIGTERM);
    }
    FAILS(ECHILD, waitpid(-members[0], &status, 0));
    FAILS(ESRCH, kill(-members[0], 0));
    gate_open(&go);
    REAP(session);
}
