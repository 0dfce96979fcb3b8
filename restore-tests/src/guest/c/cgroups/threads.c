#include "cgroups.h"

static struct gate go;
static volatile pid_t other;

static void *second(void *unused) {
    (void)unused;
    other = (pid_t)syscall(SYS_gettid);
    gate_pass(&go);
    return NULL;
}

static void body(void) {
    gate_make(&go);
    SYS(mkdir("a", 0755));
    SYS(mkdir("a/t", 0755));
    SYS(mkdir("a/u", 0755));
    SYS(mkdir("b", 0755));
    SYS(mkdir("b/c", 0755));
    PUT_FAILS(EINVAL, "a/t/cgroup.type", "domain");
    PUT("a/t/cgroup.type", "threaded");
    PUT("a/t/cgroup.type", "threaded");
    SHOWS("a/t/cgroup.type", "threaded\n");
    SHOWS("a/cgroup.type", "domain threaded\n");
    SHOWS("a/u/cgroup.type", "domain invalid\n");
    int procs = SYS(open("a/t/cgroup.procs", O_RDONLY));
    char byte;
    FAILS(EOPNOTSUPP, read(procs, &byte, 1));
    PUT_FAILS(EOPNOTSUPP, "a/t/cgroup.kill", "1");
    pthread_t thread;
    PTHREAD(pthread_create(&thread, NULL, second, NULL));
    while (other == 0) {
        guest_sleep(MILLISECOND);
    }
    group_join("a", getpid());
    EQ(group_put_number("a/u/cgroup.procs", getpid()), EOPNOTSUPP);
    EQ(group_put_number("b/cgroup.threads", other), EOPNOTSUPP);
    EQ(group_put_number("a/t/cgroup.threads", other), 0);
    CHECK(group_lists("a/t/cgroup.threads", other));
    CHECK(!group_lists("a/t/cgroup.threads", getpid()));
    CHECK(group_lists("a/cgroup.threads", getpid()));
    CHECK(!group_lists("a/cgroup.threads", other));
    checkpoint();
    SHOWS("a/t/cgroup.type", "threaded\n");
    CHECK(group_lists("a/t/cgroup.threads", other));
    CHECK(group_lists("a/cgroup.procs", getpid()));
    SHOWS("a/t/cgroup.events", "populated 1\nfrozen 0\n");
    group_join("b", getpid());
    SHOWS("a/t/cgroup.threads", "");
    SHOWS("a/cgroup.events", "populated 0\nfrozen 0\n");
    /* With tasks in it or in domains below, a group is none for threads. */
    PUT_FAILS(EOPNOTSUPP, "b/cgroup.type", "threaded");
    gate_open(&go);
    PTHREAD(pthread_join(thread, NULL));
}

GUEST("threads of a process may be in different groups of a threaded tree") {
    group_test("cgroup2", "", body, true);
}
