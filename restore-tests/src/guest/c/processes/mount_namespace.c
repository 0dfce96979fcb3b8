#include <sched.h>
#include <sys/mount.h>

#include "guest.h"

static struct gate ready, go;

static bool has(const char *path) {
    return access(path, F_OK) == 0;
}

static void inside(void *argument) {
    (void)argument;
    SYS(unshare(CLONE_NEWNS));
    SYS(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
    SYS(mount("none", "point", "tmpfs", 0, NULL));
    guest_write_file("point/inside", "x");
    gate_open(&ready);
    gate_pass(&go);
    CHECK(has("point/inside"));
    CHECK(!has("point/outside"));
    FAILS(EBUSY, rmdir("point"));
    SYS(umount("point"));
    CHECK(has("point/outside"));
}

GUEST("mounts of a mount namespace are seen in it only") {
    gate_make(&ready);
    gate_make(&go);
    SYS(mkdir("point", 0700));
    pid_t pid = guest_child(inside, NULL);
    gate_pass(&ready);
    CHECK(!has("point/inside"));
    guest_write_file("point/outside", "x");
    checkpoint();
    CHECK(has("point/outside"));
    CHECK(!has("point/inside"));
    gate_open(&go);
    REAP(pid);
    /* One that ends with its mounts in place holds nobody up. */
    gate_open(&go);
    pid = SYS(fork());
    if (pid == 0) {
        SYS(unshare(CLONE_NEWNS));
        SYS(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
        SYS(mount("none", "point", "tmpfs", 0, NULL));
        CHECK(!has("point/outside"));
        _exit(0);
    }
    REAP(pid);
    SYS(unlink("point/outside"));
    SYS(rmdir("point"));
}
