#include "cgroups.h"

static struct gate ready, go;

/* The path of a process in the unified hierarchy. */
static const char *group_of(const char *pid) {
    static char path[128];
    snprintf(path, sizeof path, "/proc/%s/cgroup", pid);
    const char *text = guest_read_file(path);
    const char *line = strstr(text, "0::");
    CHECK(line != NULL && (line == text || line[-1] == '\n'));
    snprintf(path, sizeof path, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
    return path;
}

static const char *link_of(void) {
    static char targets[2][64];
    static int next;
    char *target = targets[next++ % 2];
    target[SYS(readlink("/proc/self/ns/cgroup", target, 63))] = 0;
    return target;
}

static void inhabitant(void *unused) {
    (void)unused;
    group_join("a", getpid());
    const char *before = link_of();
    SYS(unshare(CLONE_NEWCGROUP));
    CHECK(strcmp(before, link_of()) != 0);
    CHECK(strcmp(group_of("self"), "/") == 0);
    gate_open(&ready);
    gate_pass(&go);
    CHECK(strcmp(group_of("self"), "/") == 0);
    group_join("a/b", getpid());
    CHECK(strcmp(group_of("self"), "/b") == 0);
    SYS(mkdir("../../seen", 0755));
    SYS(mount("none", "../../seen", "cgroup2", 0, ""));
    CHECK(group_lists("../../seen/b/cgroup.procs", getpid()));
    FAILS(ENOENT, access("../../seen/a", F_OK));
    char *line = strstr(guest_read_file("/proc/self/mountinfo"), "/seen ");
    CHECK(line != NULL);
    while (line[-1] != ' ') {
        line--;
    }
    CHECK(strncmp(line - 3, " / ", 3) == 0);
    SYS(umount2("../../seen", 0));
    group_join("c", getpid());
    CHECK(strcmp(group_of("self"), "/../c") == 0);
    group_join(".", getpid());
    CHECK(strcmp(group_of("self"), "/..") == 0);
}

static void body(void) {
    gate_make(&ready);
    gate_make(&go);
    SYS(mkdir("a", 0755));
    SYS(mkdir("a/b", 0755));
    SYS(mkdir("c", 0755));
    pid_t pid = guest_child(inhabitant, NULL);
    gate_pass(&ready);
    char number[16], path[64];
    snprintf(number, sizeof number, "%d", pid);
    const char *seen = group_of(number);
    CHECK(strlen(seen) > 2 && strcmp(seen + strlen(seen) - 2, "/a") == 0);
    snprintf(path, sizeof path, "/proc/%d/ns/cgroup", pid);
    int space = SYS(open(path, O_RDONLY));
    checkpoint();
    gate_open(&go);
    REAP(pid);
    FAILS(EINVAL, setns(space, CLONE_NEWUTS));
    SYS(setns(space, CLONE_NEWCGROUP));
    CHECK(strcmp(group_of("self"), "/../..") == 0);
}

GUEST("a cgroup namespace has its own root") {
    group_test("cgroup2", "", body, true);
}
