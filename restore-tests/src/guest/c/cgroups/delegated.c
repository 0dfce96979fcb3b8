#include <linux/sched.h>

#include "cgroups.h"
#include "namespaces.h"

static pid_t born_in(int group) {
    struct clone_args arguments = {
        .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)(int64_t)group};
    return (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
}

static void owner(void *unused) {
    (void)unused;
    become_somebody();
    SYS(mkdir("own/x", 0755));
    SYS(mkdir("own/y", 0755));
    FAILS(EACCES, mkdir("other", 0755));
    struct stat status;
    SYS(stat("own/x", &status));
    EQ(status.st_uid, SOMEBODY);
    SYS(stat("own/x/cgroup.procs", &status));
    EQ(status.st_uid, SOMEBODY);
    SYS(stat("own/x/cgroup.freeze", &status));
    EQ(status.st_uid, SOMEBODY);
    /* It stands in own already: below that it may go where it likes, not out of it. */
    group_join("own/x", getpid());
    group_join("own/y", getpid());
    PUT_FAILS(EACCES, "cgroup.procs", "0");
    int group = SYS(open("own/x", O_RDONLY | O_DIRECTORY));
    pid_t child = SYS(born_in(group));
    if (child == 0) {
        CHECK(strstr(guest_read_file("/proc/self/cgroup"), "/own/x\n") != NULL);
        _exit(0);
    }
    REAP(child);
    checkpoint();
    child = SYS(born_in(group));
    if (child == 0) {
        CHECK(strstr(guest_read_file("/proc/self/cgroup"), "/own/x\n") != NULL);
        _exit(0);
    }
    REAP(child);
    int outside = SYS(open(".", O_RDONLY | O_DIRECTORY));
    FAILS(EACCES, born_in(outside));
    int folder = SYS(open("/tmp", O_RDONLY | O_DIRECTORY));
    FAILS(EBADF, born_in(folder));
    FAILS(EBADF, born_in(999));
    SYS(rmdir("own/x"));
    FAILS(ENOENT, born_in(group));
}

static void body(void) {
    SYS(mkdir("own", 0755));
    SYS(chown("own", SOMEBODY, SOMEBODY));
    SYS(chown("own/cgroup.procs", SOMEBODY, SOMEBODY));
    pid_t pid = SYS(fork());
    if (pid == 0) {
        group_join("own", getpid());
        owner(NULL);
        _exit(0);
    }
    REAP(pid);
}

GUEST("a group that is given away is ruled by its owner") {
    group_test("cgroup2", "", body, true);
}
