#include <grp.h>
#include <sys/fsuid.h>

#include "guest.h"

static struct gate ready, go;

static void expect(uid_t real, uid_t effective, uid_t saved) {
    uid_t ids[3];
    SYS(getresuid(&ids[0], &ids[1], &ids[2]));
    EQ(ids[0], real);
    EQ(ids[1], effective);
    EQ(ids[2], saved);
}

/* Becomes somebody else on the way, for good at the end; only root can. */
static void child(void *unused) {
    gid_t groups[] = {100, 200, 300}, got[8];
    (void)unused;
    SYS(setgroups(3, groups));
    SYS(setresgid(11, 12, 13));
    SYS(setresuid(1000, 1001, 0));
    gate_open(&ready);
    gate_pass(&go);
    expect(1000, 1001, 0);
    EQ(getgid(), 11);
    EQ(getegid(), 12);
    EQ(SYS(getgroups(8, got)), 3);
    EQ(got[2], 300);
    EQ(setfsuid(-1), 1001);
    struct stat status;
    FAILS(EPERM, setgroups(0, NULL));
    FAILS(EACCES, open("secret", O_RDONLY));
    SYS(seteuid(0));
    SYS(close(SYS(open("secret", O_RDONLY))));
    int fd = SYS(open("mine", O_RDWR | O_CREAT, 0600));
    SYS(fstat(fd, &status));
    EQ(status.st_uid, 0);
    EQ(status.st_gid, 12);
    SYS(setresuid(1000, 1000, 1000));
    FAILS(EPERM, seteuid(0));
    FAILS(EPERM, fchmod(fd, 0644));
    FAILS(EPERM, kill(getppid(), 0));
    expect(1000, 1000, 1000);
}

static void look(void) {
    expect(getuid(), geteuid(), geteuid());
    EQ(getuid(), geteuid());
}

GUEST("users and groups are kept, and decide what is allowed") {
    gate_make(&ready);
    gate_make(&go);
    guest_write_file("secret", "text");
    SYS(chmod("secret", 0600));
    SYS(chmod(".", 0777));
    if (geteuid() != 0) { // natively without root there is less to see
        checkpoint();
        FAILS(EPERM, setuid(0));
        return;
    }
    look();
    pid_t pid = guest_child(child, NULL);
    gate_pass(&ready);
    checkpoint();
    look();
    gate_open(&go);
    REAP(pid);
}
