#include <grp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>

#include "guest.h"

static struct gate ready, go;
static int other;

static int dumpable(void) {
    return SYS(prctl(PR_GET_DUMPABLE));
}

int guest_helper(int argc, char **argv) {
    EQ(argc, 2);
    EQ(dumpable(), atoi(argv[1]));
    return 0;
}

static void executed(const char *expected) {
    char *arguments[] = {"helper", (char *)expected, NULL};
    SYS(execve(guest_path(), arguments, environ));
}

static void executes(void *ids) {
    char expected[12];
    snprintf(expected, sizeof expected, "%d", ids == NULL ? 1 : other);
    SYS(prctl(PR_SET_DUMPABLE, 0));
    if (ids != NULL) {
        SYS(setresuid(0, 1000, 0));
    }
    executed(expected);
}

/* Who acts for somebody else cannot be looked into. */
static void changes(void *unused) {
    (void)unused;
    int signal = -1;
    EQ(dumpable(), 1);
    SYS(setgroups(0, NULL));
    SYS(setresuid(1000, -1, -1));
    EQ(dumpable(), 1);
    SYS(prctl(PR_SET_PDEATHSIG, SIGUSR1));
    SYS(setegid(1000));
    EQ(dumpable(), other);
    SYS(prctl(PR_GET_PDEATHSIG, &signal));
    EQ(signal, 0);
    SYS(prctl(PR_SET_DUMPABLE, 1));
    EQ(dumpable(), 1);
    setfsuid(1000);
    EQ(dumpable(), other);
    SYS(prctl(PR_SET_DUMPABLE, 1));
    SYS(seteuid(1000));
    EQ(dumpable(), other);
    gate_open(&ready);
    gate_pass(&go);
    EQ(dumpable(), other);
    SYS(setegid(getgid()));
    pid_t pid = guest_child(executes, NULL);
    REAP(pid);
}

GUEST("a process that changes its credentials is not dumpable until it says so") {
    other = atoi(guest_read_file("/proc/sys/fs/suid_dumpable"));
    EQ(dumpable(), 1);
    gate_make(&ready);
    gate_make(&go);
    pid_t pid = guest_child(changes, NULL);
    gate_pass(&ready);
    checkpoint();
    gate_open(&go);
    REAP(pid);
    pid = guest_child(executes, NULL);
    REAP(pid);
    pid = guest_child(executes, &other);
    REAP(pid);
}
