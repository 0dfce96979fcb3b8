#include "namespaces.h"

static struct gate ready, go;

static void unmapped(void *unused) {
    (void)unused;
    gate_pass(&go);
    SYS(unshare(CLONE_NEWUSER));
    gate_open(&ready);
    gate_pass(&go);
    EQ(getuid(), 5);
    EQ(getgid(), 6);
    gid_t groups[2] = {6, 7};
    SYS(setgroups(2, groups));
    FAILS(EINVAL, setgroups(1, (gid_t[]){1}));
    FAILS(EINVAL, setuid(1));
    SYS(setuid(7));
    EQ(getuid(), 7);
}

static void alone(void *unused) {
    (void)unused;
    become_somebody();
    SYS(unshare(CLONE_NEWUSER));
    EQ(getuid(), 65534);
    EQ(getgid(), 65534);
    FAILS(EINVAL, setuid(0));
    EQ(put("/proc/self/uid_map", "0 1000"), EINVAL);
    EQ(put("/proc/self/uid_map", "0 1000 0"), EINVAL);
    EQ(put("/proc/self/uid_map", "0 1000 x"), EINVAL);
    EQ(put("/proc/self/uid_map", "0 1000 1 1"), EINVAL);
    EQ(put("/proc/self/uid_map", "0 1000 1\n0 1001 1"), EINVAL);
    EQ(put("/proc/self/uid_map", "0 1000 1\n1 1000 1"), EINVAL);
    EQ(put("/proc/self/uid_map", "4294967295 1000 1"), EINVAL);
    /* One's own user alone, and one's own group after giving up setgroups. */
    EQ(put("/proc/self/uid_map", "0 1001 1"), EPERM);
    EQ(put("/proc/self/uid_map", "0 1000 2"), EPERM);
    EQ(put("/proc/self/gid_map", "0 1000 1"), EPERM);
    EQ(put("/proc/self/setgroups", "perhaps"), EINVAL);
    EQ(put("/proc/self/setgroups", "deny\n"), 0);
    EQ(put("/proc/self/setgroups", "allow"), EPERM);
    EQ(put("/proc/self/uid_map", "0 1000 1\n"), 0);
    EQ(put("/proc/self/uid_map", "0 1000 1\n"), EPERM);
    EQ(put("/proc/self/gid_map", "3 1000 1"), 0);
    EQ(getuid(), 0);
    EQ(getgid(), 3);
    FAILS(EPERM, setgroups(0, NULL));
    CHECK(strcmp(guest_read_file("/proc/self/uid_map"), "         0       1000          1\n") == 0);
    CHECK(strcmp(guest_read_file("/proc/self/setgroups"), "deny\n") == 0);
}

GUEST("the maps of a user namespace are written once, by who may") {
    char path[64];
    gate_make(&ready);
    gate_make(&go);
    pid_t pid = guest_child(unmapped, NULL);
    gate_open(&go);
    gate_pass(&ready);
    snprintf(path, sizeof path, "/proc/%d/uid_map", pid);
    EQ(put(path, "5 0 1\n7 2000 10"), 0);
    EQ(put(path, "5 0 1"), EPERM);
    CHECK(strcmp(guest_read_file(path),
                 "         5          0          1\n"
                 "         7       2000         10\n") == 0);
    checkpoint();
    snprintf(path, sizeof path, "/proc/%d/gid_map", pid);
    EQ(put(path, "6 0 2\n"), 0);
    EQ(put("/proc/self/uid_map", "0 0 1"), EPERM);
    gate_open(&go);
    REAP(pid);
    pid = guest_child(alone, NULL);
    REAP(pid);
}
