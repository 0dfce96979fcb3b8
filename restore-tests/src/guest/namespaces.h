/* What the tests of namespaces share. */
#ifndef NAMESPACES_H
#define NAMESPACES_H

#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>

#include "guest.h"

#define SOMEBODY 1000

/* Becomes an ordinary user for good, who may look at itself in proc. */
static inline void become_somebody(void) {
    SYS(setgroups(0, NULL));
    SYS(setresgid(SOMEBODY, SOMEBODY, SOMEBODY));
    SYS(setresuid(SOMEBODY, SOMEBODY, SOMEBODY));
    SYS(prctl(PR_SET_DUMPABLE, 1));
}

/* One write to a file; the errno it fails with, else 0. */
static inline int put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY);
    if (fd < 0) {
        return errno;
    }
    int error = write(fd, text, strlen(text)) < 0 ? errno : 0;
    SYS(close(fd));
    return error;
}

static inline void map_self(const char *users, const char *groups) {
    EQ(put("/proc/self/uid_map", users), 0);
    EQ(put("/proc/self/setgroups", "deny"), 0);
    EQ(put("/proc/self/gid_map", groups), 0);
}

/* The target of a link in /proc/self/ns. */
static inline const char *namespace_of(const char *kind) {
    static char targets[4][64];
    static int next;
    char path[64];
    char *target = targets[next++ % 4];
    snprintf(path, sizeof path, "/proc/self/ns/%s", kind);
    target[SYS(readlink(path, target, 63))] = 0;
    return target;
}

#endif
