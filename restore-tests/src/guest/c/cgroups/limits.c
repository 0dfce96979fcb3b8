#include "cgroups.h"

static void body(void) {
    SHOWS("cgroup.max.depth", "max\n");
    SHOWS("cgroup.max.descendants", "max\n");
    PUT_FAILS(ERANGE, "cgroup.max.depth", "-1");
    PUT_FAILS(EINVAL, "cgroup.max.depth", "many");
    PUT("cgroup.max.depth", "2");
    PUT("cgroup.max.descendants", "3");
    SYS(mkdir("a", 0755));
    SYS(mkdir("a/b", 0755));
    FAILS(EAGAIN, mkdir("a/b/c", 0755));
    checkpoint();
    SHOWS("cgroup.max.depth", "2\n");
    FAILS(EAGAIN, mkdir("a/b/c", 0755));
    SYS(mkdir("d", 0755));
    FAILS(EAGAIN, mkdir("e", 0755));
    FAILS(EAGAIN, mkdir("a/e", 0755));
    PUT("cgroup.max.descendants", "max");
    SYS(mkdir("e", 0755));
    PUT("cgroup.max.depth", "0");
    FAILS(EAGAIN, mkdir("f", 0755));
    PUT("cgroup.max.depth", "max");
    SYS(mkdir("a/b/c", 0755));
}

GUEST("depth and number of groups are limited") {
    group_test("cgroup2", "", body, true);
}
