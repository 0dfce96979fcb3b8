#include <sys/mount.h>

#include "namespaces.h"

static struct gate ready, go;

static void inside(void *unused) {
    (void)unused;
    struct stat status;
    become_somebody();
    SYS(unshare(CLONE_NEWUSER | CLONE_NEWNS));
    map_self("0 1000 1", "0 1000 1");
    SYS(mount("none", "own", "tmpfs", 0, "mode=755"));
    guest_write_file("own/file", "own");
    gate_open(&ready);
    gate_pass(&go);
    CHECK(strcmp(guest_read_file("own/file"), "own") == 0);
    SYS(stat("own", &status));
    EQ(status.st_uid, 0);
    /* What was mounted before stays mounted, with what it forbids. */
    FAILS(EINVAL, umount2("cover", 0));
    FAILS(EINVAL, umount2("cover", MNT_DETACH));
    FAILS(EINVAL, mount(".", "elsewhere", NULL, MS_BIND, NULL));
    FAILS(EINVAL, mount("cover", "elsewhere", NULL, MS_MOVE, NULL));
    FAILS(EPERM, mount("none", "cover", NULL, MS_REMOUNT | MS_BIND, NULL));
    SYS(mount("none", "cover", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL));
    SYS(mount(".", "elsewhere", NULL, MS_BIND | MS_REC, NULL));
    FAILS(ENOENT, open("elsewhere/cover/hidden", O_RDONLY));
    FAILS(EINVAL, umount2("elsewhere/cover", 0));
    SYS(umount2("elsewhere", MNT_DETACH));
    SYS(umount2("own", 0));
    FAILS(ENOENT, open("own/file", O_RDONLY));
}

GUEST("mounts from outside cannot be taken off in a user namespace") {
    gate_make(&ready);
    gate_make(&go);
    SYS(chmod(".", 0777));
    SYS(mkdir("cover", 0777));
    SYS(mkdir("own", 0777));
    SYS(mkdir("elsewhere", 0777));
    guest_write_file("cover/hidden", "x");
    SYS(mount("none", "cover", "tmpfs", MS_RDONLY | MS_NOSUID, NULL));
    pid_t pid = guest_child(inside, NULL);
    gate_pass(&ready);
    checkpoint();
    CHECK(access("own/file", F_OK) != 0);
    gate_open(&go);
    REAP(pid);
    SYS(umount("cover"));
    CHECK(access("cover/hidden", F_OK) == 0);
}
