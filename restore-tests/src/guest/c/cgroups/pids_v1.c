#include "cgroups.h"

static struct gate go;

static void member(void *unused) {
    (void)unused;
    gate_pass(&go);
}

static void body(void) {
    gate_make(&go);
    SYS(mkdir("a", 0755));
    SYS(mkdir("a/b", 0755));
    SHOWS("a/pids.max", "max\n");
    SHOWS("a/pids.current", "0\n");
    PUT_FAILS(EINVAL, "a/pids.max", "-1");
    PUT_FAILS(EINVAL, "a/pids.max", "few");
    PUT_FAILS(EINVAL, "a/pids.max", "4194305");
    group_join("a/b", getpid());
    SHOWS("a/pids.current", "1\n");
    PUT("a/pids.max", "3");
    pid_t first = guest_child(member, NULL);
    pid_t second = guest_child(member, NULL);
    FAILS(EAGAIN, fork());
    SHOWS("a/pids.current", "3\n");
    SHOWS("a/b/pids.current", "3\n");
    SHOWS("a/b/pids.events", "max 1\n");
    SHOWS("a/pids.events", "max 0\n");
    checkpoint();
    SHOWS("a/pids.max", "3\n");
    SHOWS("a/pids.current", "3\n");
    FAILS(EAGAIN, fork());
    SHOWS("a/b/pids.events", "max 2\n");
    gate_open(&go);
    gate_open(&go);
    /* An ended process counts until somebody has waited for it. */
    siginfo_t info;
    SYS(waitid(P_PID, first, &info, WEXITED | WNOWAIT));
    SYS(waitid(P_PID, second, &info, WEXITED | WNOWAIT));
    SHOWS("a/pids.current", "3\n");
    FAILS(EAGAIN, fork());
    REAP(first);
    REAP(second);
    SHOWS("a/pids.current", "1\n");
    /* Threads count, and a limit below the present number is no error. */
    PUT("a/pids.max", "0");
    SHOWS("a/pids.max", "0\n");
    FAILS(EAGAIN, fork());
    group_join(".", getpid());
    pid_t outside = guest_child(member, NULL);
    group_join("a/b", outside);
    SHOWS("a/pids.current", "1\n");
    gate_open(&go);
    REAP(outside);
    SHOWS("a/pids.current", "0\n");
}

GUEST("pids.max stops births (version 1)") {
    group_test("cgroup", "pids", body, true);
}
