/*
 * What the tests of control groups share. A test works in a group of its own, which is its working directory, so that it
 * does no harm natively, where the groups are the machine's.
 */
#ifndef CGROUPS_H
#define CGROUPS_H

#include <ftw.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/utsname.h>

#include "guest.h"

/* One write to a file; the errno it fails with, else 0. */
static inline int group_put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY);
    if (fd < 0) {
        return errno;
    }
    int error = write(fd, text, strlen(text)) < 0 ? errno : 0;
    SYS(close(fd));
    return error;
}

static inline int group_put_number(const char *path, long number) {
    char text[32];
    snprintf(text, sizeof text, "%ld", number);
    return group_put(path, text);
}

#define PUT(path, text) EQ(group_put(path, text), 0)
#define PUT_FAILS(error, path, text) EQ(group_put(path, text), error)
#define SHOWS(path, text) CHECK(strcmp(guest_read_file(path), text) == 0)

/* Whether a file has a line. */
static inline bool group_has_line(const char *path, const char *line) {
    const char *text = guest_read_file(path);
    size_t length = strlen(line);
    for (const char *at = text; (at = strstr(at, line)) != NULL; at += length) {
        if ((at == text || at[-1] == '\n') && at[length] == '\n') {
            return true;
        }
    }
    return false;
}

/* Whether a process is listed in a file. */
static inline bool group_lists(const char *path, pid_t pid) {
    char line[16];
    snprintf(line, sizeof line, "%d", pid);
    return group_has_line(path, line);
}

static inline void group_join(const char *group, pid_t pid) {
    char path[128];
    snprintf(path, sizeof path, "%s/cgroup.procs", group);
    EQ(group_put_number(path, pid), 0);
}

/* Waits until a file has a line, as long as something else has to happen for it. */
static inline void group_await(const char *path, const char *line) {
    for (int i = 0; i < 2000 && !group_has_line(path, line); i++) {
        guest_sleep(MILLISECOND);
    }
    CHECK(group_has_line(path, line));
}

/* The number behind a name in a file. */
static inline long long group_number(const char *path, const char *name) {
    const char *text = guest_read_file(path);
    size_t length = strlen(name);
    for (const char *at = text; (at = strstr(at, name)) != NULL; at += length) {
        if ((at == text || at[-1] == '\n') && at[length] == ' ') {
            return atoll(at + length);
        }
    }
    guest_fail(__FILE__, __LINE__, name);
}

static inline int group_rmdir(const char *path, const struct stat *status, int type, struct FTW *place) {
    (void)status;
    (void)place;
    if (type == FTW_DP) {
        rmdir(path);
    }
    return 0;
}

/* Whether the machine has its groups of version 1 in another way than the test, which then has nothing to compare. */
static inline bool group_is_elsewhere(const char *type) {
    struct utsname system;
    SYS(uname(&system));
    return strcmp(type, "cgroup") == 0 && (errno == EBUSY || errno == EINVAL) && strstr(system.release, "runsc") == NULL;
}

/*
 * Mounts groups and runs the test in a fresh one of its own, which calls checkpoint() if it is to call it.
 *
 * type: cgroup or cgroup2
 * options: of the mount
 * checkpoints: whether the test calls checkpoint()
 */
static inline void group_test(const char *type, const char *options, void (*body)(void), bool checkpoints) {
    char home[PATH_MAX], name[PATH_MAX + 64], mounted[PATH_MAX + 32];
    SYS(unshare(CLONE_NEWNS));
    SYS(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
    CHECK(getcwd(home, sizeof home) != NULL);
    snprintf(mounted, sizeof mounted, "%s/groups", home);
    SYS(mkdir(mounted, 0755));
    if (mount("none", mounted, type, 0, options) < 0) {
        CHECK(group_is_elsewhere(type));
        if (checkpoints) {
            checkpoint();
        }
        return;
    }
    snprintf(name, sizeof name, "%s/test-%d", mounted, getpid());
    SYS(mkdir(name, 0755));
    SYS(chdir(name));
    pid_t pid = SYS(fork());
    if (pid == 0) {
        body();
        _exit(0);
    }
    int status = guest_status(pid);
    SYS(chdir(home));
    nftw(name, group_rmdir, 16, FTW_DEPTH | FTW_PHYS);
    SYS(umount2(mounted, MNT_DETACH));
    EQ(status, 0);
}

#endif
