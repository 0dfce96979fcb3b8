#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "namespaces.h"

static struct gate ready, go;
static pid_t victim;

static unsigned effective(void) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2];
    SYS(syscall(SYS_capget, &head, sets));
    return sets[0].effective;
}

/* What is the machine's, or somebody else's, stays so. */
static void powerless(void) {
    struct timespec time = {0, 0};
    struct rlimit limit;
    char byte = 0;
    FAILS(EPERM, sethostname("x", 1));
    FAILS(EPERM, mount("none", ".", "tmpfs", 0, NULL));
    FAILS(EPERM, clock_settime(CLOCK_REALTIME, &time));
    FAILS(EPERM, mknod("device", S_IFCHR | 0600, makedev(1, 3)));
    SYS(getrlimit(RLIMIT_CORE, &limit));
    SYS(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}));
    FAILS(EPERM, setrlimit(RLIMIT_CORE, &(struct rlimit){0, 1}));
    errno = 0;
    EQ(setpriority(PRIO_PROCESS, 0, -5), -1);
    CHECK(errno == EACCES || errno == EPERM);
    FAILS(EPERM, kill(victim, 0));
    FAILS(EACCES, open("secret", O_RDONLY));
    FAILS(EPERM, setxattr("mine", "trusted.x", &byte, 1, 0));
    EQ(put("/proc/sys/kernel/msgmax", "1"), EACCES);
}

static void inside(void *unused) {
    (void)unused;
    become_somebody();
    EQ(effective(), 0);
    FAILS(EPERM, unshare(CLONE_NEWUTS));
    SYS(unshare(CLONE_NEWUSER));
    CHECK(effective() == 0xffffffff);
    map_self("0 1000 1", "0 1000 1");
    gate_open(&ready);
    gate_pass(&go);
    CHECK(effective() == 0xffffffff);
    powerless();
    SYS(chroot("."));
    FAILS(EPERM, unshare(CLONE_NEWUSER));
    SYS(unshare(CLONE_NEWUTS | CLONE_NEWIPC));
    SYS(sethostname("inside", 6));
    EQ(syscall(SYS_setuid, 0), 0);
    CHECK(effective() == 0xffffffff);
}

static void changes(void *unused) {
    (void)unused;
    become_somebody();
    SYS(unshare(CLONE_NEWUSER));
    execl(guest_path(), guest_path(), "unmapped", NULL);
}

/* Capabilities go with execve unless the user is mapped to root. */
int guest_helper(int argc, char **argv) {
    (void)argc;
    (void)argv;
    EQ(effective(), 0);
    return 0;
}

GUEST("capabilities in a user namespace are over what it owns and nothing else") {
    gate_make(&ready);
    gate_make(&go);
    SYS(chmod(".", 0777));
    guest_write_file("secret", "secret");
    guest_write_file("mine", "mine");
    SYS(chown("mine", SOMEBODY, SOMEBODY));
    SYS(chmod("secret", 0600));
    victim = getpid();
    pid_t pid = guest_child(inside, NULL);
    gate_pass(&ready);
    checkpoint();
    gate_open(&go);
    REAP(pid);
    char name[64] = "";
    SYS(gethostname(name, sizeof name));
    CHECK(strcmp(name, "inside") != 0);
    pid = guest_child(changes, NULL);
    REAP(pid);
}
