#include <sys/socket.h>

#include "namespaces.h"

static struct gate ready, go;
static int pair[2];

static struct ucred peer(int fd) {
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    SYS(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size));
    return credentials;
}

static struct ucred received(int fd) {
    char byte, control[CMSG_SPACE(sizeof(struct ucred))];
    struct iovec vector = {&byte, 1};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1,
                             .msg_control = control, .msg_controllen = sizeof control};
    EQ(recvmsg(fd, &message, 0), 1);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    CHECK(head != NULL && head->cmsg_type == SCM_CREDENTIALS);
    struct ucred credentials;
    memcpy(&credentials, CMSG_DATA(head), sizeof credentials);
    return credentials;
}

static void inside(void *unused) {
    (void)unused;
    struct stat status;
    become_somebody();
    SYS(unshare(CLONE_NEWUSER));
    SYS(stat("mine", &status));
    EQ(status.st_uid, 65534);
    map_self("77 1000 1", "78 1000 1");
    gate_open(&ready);
    gate_pass(&go);
    SYS(stat("mine", &status));
    EQ(status.st_uid, 77);
    EQ(status.st_gid, 78);
    SYS(stat("yours", &status));
    EQ(status.st_uid, 65534);
    EQ(status.st_gid, 65534);
    struct statx more;
    SYS(statx(AT_FDCWD, "yours", 0, STATX_BASIC_STATS, &more));
    EQ(more.stx_uid, 65534);
    SYS(chown("mine", 77, 78));
    FAILS(EINVAL, chown("mine", 0, -1));
    FAILS(EPERM, chown("yours", 77, -1));
    FAILS(EPERM, chmod("yours", 0777));
    FAILS(EACCES, open("yours", O_RDONLY));
    SYS(close(SYS(open("mine", O_RDONLY))));
    int fd = SYS(open("new", O_CREAT | O_RDWR, 0600));
    SYS(fstat(fd, &status));
    EQ(status.st_uid, 77);
    uid_t ids[3];
    SYS(getresuid(&ids[0], &ids[1], &ids[2]));
    EQ(ids[0], 77);
    EQ(ids[2], 77);
    EQ(peer(pair[1]).uid, 65534);
    SYS(write(pair[1], "x", 1));
    CHECK(strstr(guest_read_file("/proc/self/status"), "Uid:\t77\t77\t77\t77\n") != NULL);
}

GUEST("ids read as the user namespace maps them") {
    struct stat status;
    int on = 1;
    gate_make(&ready);
    gate_make(&go);
    SYS(chmod(".", 0777));
    guest_write_file("mine", "mine");
    guest_write_file("yours", "yours");
    SYS(chmod("mine", 0600));
    SYS(chmod("yours", 0600));
    SYS(chown("mine", SOMEBODY, SOMEBODY));
    SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    SYS(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    pid_t pid = guest_child(inside, NULL);
    gate_pass(&ready);
    checkpoint();
    gate_open(&go);
    struct ucred credentials = received(pair[0]);
    EQ(credentials.pid, pid);
    EQ(credentials.uid, SOMEBODY);
    EQ(credentials.gid, SOMEBODY);
    REAP(pid);
    SYS(stat("new", &status));
    EQ(status.st_uid, SOMEBODY);
    EQ(status.st_gid, SOMEBODY);
}
