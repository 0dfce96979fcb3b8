#include "cgroups.h"

static struct gate go;

static void member(void *unused) {
    (void)unused;
    gate_pass(&go);
}

static void body(void) {
    gate_make(&go);
    SYS(mkdir("a", 0755));
    SYS(mkdir("a/b", 0700));
    FAILS(EEXIST, mkdir("a", 0755));
    FAILS(EEXIST, mkdir("a/cgroup.procs", 0755));
    FAILS(EINVAL, mkdir("a/new\nline", 0755));
    FAILS(EACCES, open("a/file", O_CREAT | O_WRONLY, 0644));
    FAILS(EPERM, mknod("a/file", S_IFIFO | 0644, 0));
    FAILS(EPERM, symlink("a", "a/link"));
    FAILS(EPERM, unlink("a/cgroup.procs"));
    FAILS(EBUSY, rmdir("a"));
    SHOWS("a/cgroup.type", "domain\n");
    SHOWS("a/cgroup.procs", "");
    SHOWS("a/cgroup.events", "populated 0\nfrozen 0\n");
    pid_t pid = guest_child(member, NULL);
    group_join("a/b", pid);
    CHECK(group_lists("a/b/cgroup.procs", pid));
    CHECK(group_lists("a/b/cgroup.threads", pid));
    SHOWS("a/cgroup.procs", "");
    SHOWS("a/cgroup.events", "populated 1\nfrozen 0\n");
    int events = SYS(open("a/cgroup.events", O_RDONLY));
    checkpoint();
    struct stat status;
    SYS(stat("a/b", &status));
    EQ(status.st_mode, S_IFDIR | 0700);
    EQ(status.st_nlink, 2);
    SYS(stat("a", &status));
    EQ(status.st_nlink, 3);
    SYS(stat("a/b/cgroup.procs", &status));
    EQ(status.st_mode, S_IFREG | 0644);
    EQ(status.st_size, 0);
    CHECK(group_lists("a/b/cgroup.procs", pid));
    FAILS(EBUSY, rmdir("a/b"));
    char text[64] = "";
    EQ(read(events, text, 63), 21);
    CHECK(strcmp(text, "populated 1\nfrozen 0\n") == 0);
    gate_open(&go);
    REAP(pid);
    EQ(pread(events, text, 63, 0), 21);
    CHECK(strcmp(text, "populated 0\nfrozen 0\n") == 0);
    SHOWS("a/b/cgroup.procs", "");
    int inside = SYS(open("a/b/cgroup.procs", O_RDWR));
    SYS(rmdir("a/b"));
    FAILS(ENODEV, write(inside, "0", 1));
    FAILS(ENODEV, read(inside, text, 1));
    FAILS(ENOENT, rmdir("a/b"));
    SYS(rmdir("a"));
    FAILS(ENODEV, pread(events, text, 63, 0));
    PUT_FAILS(EINVAL, "cgroup.procs", "x");
    PUT_FAILS(EINVAL, "cgroup.procs", "-1");
    PUT_FAILS(ESRCH, "cgroup.procs", "4194303");
    EQ(group_number("cgroup.stat", "nr_descendants"), 0);
}

GUEST("groups are made, populated and removed") {
    group_test("cgroup2", "", body, true);
}
