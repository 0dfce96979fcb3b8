#include <sys/ipc.h>
#include <sys/msg.h>

#include "namespaces.h"

static struct gate ready, go;

static void inhabitant(void *unused) {
    (void)unused;
    SYS(unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS));
    SYS(sethostname("there", 5));
    EQ(SYS(msgget(4711, IPC_CREAT | 0600)), 0);
    gate_open(&ready);
    gate_pass(&go);
}

static int opened(pid_t pid, const char *kind) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, kind);
    return SYS(open(path, O_RDONLY | O_CLOEXEC));
}

static void visitor(void *argument) {
    pid_t pid = *(pid_t *)argument;
    char name[64] = "", before[64];
    int uts = opened(pid, "uts"), ipc = opened(pid, "ipc");
    int mounts = opened(pid, "mnt"), users = opened(pid, "user");
    strcpy(before, namespace_of("uts"));
    checkpoint();
    CHECK(strcmp(before, namespace_of("uts")) == 0);
    FAILS(EINVAL, setns(uts, CLONE_NEWIPC));
    FAILS(EINVAL, setns(uts, 1));
    FAILS(EBADF, setns(-1, 0));
    int ordinary = SYS(open("/proc/self/status", O_RDONLY));
    FAILS(EINVAL, setns(ordinary, 0));
    FAILS(EINVAL, setns(users, CLONE_NEWUSER));
    SYS(setns(uts, CLONE_NEWUTS));
    CHECK(strcmp(before, namespace_of("uts")) != 0);
    SYS(gethostname(name, sizeof name));
    CHECK(strcmp(name, "there") == 0);
    FAILS(ENOENT, msgget(4711, 0));
    SYS(setns(ipc, 0));
    EQ(SYS(msgget(4711, 0)), 0);
    strcpy(before, namespace_of("mnt"));
    SYS(setns(mounts, CLONE_NEWNS));
    CHECK(strcmp(before, namespace_of("mnt")) != 0);
    int pidfd = (int)SYS(syscall(SYS_pidfd_open, pid, 0));
    SYS(setns(pidfd, CLONE_NEWUTS | CLONE_NEWIPC));
    become_somebody();
    FAILS(EPERM, setns(uts, 0));
    SYS(unshare(CLONE_NEWUSER));
    FAILS(EPERM, setns(uts, 0));
    FAILS(EPERM, setns(users, 0));
}

GUEST("setns enters namespaces of others") {
    gate_make(&ready);
    gate_make(&go);
    char name[64] = "";
    pid_t pid = guest_child(inhabitant, NULL);
    gate_pass(&ready);
    pid_t other = guest_child(visitor, &pid);
    REAP(other);
    SYS(gethostname(name, sizeof name));
    CHECK(strcmp(name, "there") != 0);
    gate_open(&go);
    REAP(pid);
}
