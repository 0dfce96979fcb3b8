#include "cgroups.h"

static void breeding(void *unused) {
    (void)unused;
    for (int i = 0; i < 4; i++) {
        if (SYS(fork()) == 0) {
            while (true) {
                pause();
            }
        }
    }
    while (true) {
        pause();
    }
}

static void body(void) {
    SYS(mkdir("a", 0755));
    SYS(mkdir("a/b", 0755));
    struct stat status;
    SYS(stat("a/cgroup.kill", &status));
    EQ(status.st_mode, S_IFREG | 0200);
    PUT_FAILS(ERANGE, "a/cgroup.kill", "0");
    PUT_FAILS(EINVAL, "a/cgroup.kill", "all");
    pid_t pid = SYS(fork());
    if (pid == 0) {
        group_join("a/b", getpid());
        breeding(NULL);
    }
    char lines[16];
    int listed = 0;
    for (int i = 0; i < 2000 && listed < 5; i++) {
        guest_sleep(MILLISECOND);
        listed = 0;
        for (const char *at = guest_read_file("a/b/cgroup.procs"); (at = strchr(at, '\n')) != NULL; at++) {
            listed++;
        }
    }
    EQ(listed, 5);
    snprintf(lines, sizeof lines, "%d", pid);
    PUT("a/b/cgroup.freeze", "1");
    group_await("a/b/cgroup.events", "frozen 1");
    checkpoint();
    CHECK(group_lists("a/b/cgroup.procs", pid));
    PUT("a/cgroup.kill", "1");
    EQ(WTERMSIG(guest_status(pid)), SIGKILL);
    group_await("a/cgroup.events", "populated 0");
    SHOWS("a/b/cgroup.procs", "");
    /* An empty group may be killed, too. */
    PUT("a/cgroup.kill", "1");
}

GUEST("cgroup.kill ends every process of a group and below, frozen or not") {
    group_test("cgroup2", "", body, true);
}
