#include "supervisor.h"

static int sockets[2];
static struct gate go;

static void reads(int fd, const char *text) {
    char got[8] = "";
    CHECK(SYS(read(fd, got, sizeof got - 1)) > 0);
    CHECK(strcmp(got, text) == 0);
    EQ(fcntl(fd, F_GETFD), fd == 78 ? FD_CLOEXEC : 0);
    SYS(close(fd));
}

static void second(void *unused) {
    (void)unused;
    gate_pass(&go);
    EQ(syscall(SYS_getsid, 7), 77); // read behind the checkpoint
}

static void first(void *unused) {
    (void)unused;
    int listener = supervisor_listen(0);
    FAILS(EBUSY, FILTER(SECCOMP_FILTER_FLAG_NEW_LISTENER, ANSWER(SECCOMP_RET_ALLOW))); // one is enough
    EQ(FILTER(0, ANSWER(SECCOMP_RET_ALLOW)), 0);
    supervisor_pass(sockets[1], listener);
    pid_t other = guest_child(second, NULL);
    for (int i = 0; i < 50; i++) {
        EQ(syscall(SYS_getsid, 0), 4711);
        FAILS(EDOM, syscall(SYS_getsid, 1));
    }
    CHECK(getppid() > 1); // goes on
    reads((int)SYS(syscall(SYS_getsid, 3)), "three");
    EQ(syscall(SYS_getsid, 4), 0);
    reads(78, "four");
    reads((int)SYS(syscall(SYS_getsid, 5)), "five");
    EQ(syscall(SYS_getsid, 6), 66); // read before the checkpoint, answered behind it
    REAP(other);
    FAILS(ENOSYS, syscall(SYS_getsid, 8)); // nobody listens any more
    FAILS(ENOSYS, syscall(SYS_getsid, 9));
}

static int text_end(const char *text) {
    int ends[2];
    SYS(pipe(ends));
    EQ(write(ends[1], text, strlen(text)), strlen(text));
    SYS(close(ends[1]));
    return ends[0];
}

static void descriptors(int listener, pid_t pid) {
    int three = text_end("three"), four = text_end("four"), five = text_end("five");
    uint64_t id = supervisor_next(listener, pid, 3).id;
    FAILS(ENOENT, supervisor_add(listener, id + 1000, 0, three, 0, 0));
    FAILS(EBADF, supervisor_add(listener, id, 0, 899, 0, 0));
    FAILS(EINVAL, supervisor_add(listener, id, 0, three, 7, 0));
    FAILS(EINVAL, supervisor_add(listener, id, 4, three, 0, 0));
    FAILS(EINVAL, supervisor_add(listener, id, 0, three, 0, O_APPEND));
    int there = SYS(supervisor_add(listener, id, 0, three, 0, 0));
    EQ(supervisor_valid(listener, id), 0);
    EQ(supervisor_send(listener, id, there, 0, 0), 0);
    id = supervisor_next(listener, pid, 4).id;
    EQ(supervisor_add(listener, id, SECCOMP_ADDFD_FLAG_SETFD, three, 78, 0), 78);
    EQ(supervisor_add(listener, id, SECCOMP_ADDFD_FLAG_SETFD, four, 78, O_CLOEXEC), 78); // in its place
    EQ(supervisor_send(listener, id, 0, 0, 0), 0);
    id = supervisor_next(listener, pid, 5).id;
    CHECK(SYS(supervisor_add(listener, id, SECCOMP_ADDFD_FLAG_SEND, five, 0, 0)) > 2);
    FAILS(ENOENT, supervisor_valid(listener, id));
    SYS(close(three));
    SYS(close(four));
    SYS(close(five));
}

GUEST("a supervisor answers calls, lets them go on and gives descriptors, whatever waits at a checkpoint") {
    struct seccomp_notif_sizes sizes;
    EQ(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes), 0);
    EQ(sizes.seccomp_notif, sizeof(struct seccomp_notif));
    EQ(sizes.seccomp_notif_resp, sizeof(struct seccomp_notif_resp));
    EQ(sizes.seccomp_data, sizeof(struct seccomp_data));
    unsigned action = SECCOMP_RET_USER_NOTIF;
    EQ(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action), 0);
    FAILS(EINVAL, FILTER(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC, ANSWER(SECCOMP_RET_ALLOW)));
    SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
    gate_make(&go);

    pid_t pid = guest_child(first, NULL);
    int listener = supervisor_get(sockets[0]);
    char name[64] = "", path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", listener);
    SYS(readlink(path, name, sizeof name - 1));
    CHECK(strcmp(name, "anon_inode:seccomp notify") == 0);
    for (int i = 0; i < 50; i++) {
        uint64_t id = supervisor_next(listener, pid, 0).id;
        EQ(supervisor_send(listener, id, 4711, 0, 0), 0);
        EQ(supervisor_send(listener, id, 4711, 0, 0), -1);
        CHECK(errno == ENOENT || errno == EINPROGRESS); // as far as the caller has come
        EQ(supervisor_poll(listener, -1), POLLIN);
        id = supervisor_next(listener, pid, 1).id;
        EQ(supervisor_poll(listener, -1), POLLOUT);
        EQ(supervisor_valid(listener, id), 0);
        FAILS(EINVAL, supervisor_send(listener, id, 0, 0, 2));
        FAILS(EINVAL, supervisor_send(listener, id, 1, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE));
        EQ(supervisor_send(listener, id, 0, -EDOM, 0), 0);
    }
    struct seccomp_notif call;
    memset(&call, 1, sizeof call);
    FAILS(EINVAL, ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call));
    FAILS(EFAULT, ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, NULL));
    memset(&call, 0, sizeof call);
    SYS(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call));
    EQ(call.data.nr, SYS_getppid);
    EQ(supervisor_send(listener, call.id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE), 0);
    descriptors(listener, pid);

    uint64_t taken = supervisor_next(listener, pid, 6).id;
    gate_open(&go);
    struct pollfd one = {listener, POLLIN, 0};
    EQ(SYS(poll(&one, 1, -1)), 1);
    checkpoint();
    EQ(supervisor_poll(listener, -1), POLLIN | POLLOUT);
    EQ(supervisor_valid(listener, taken), 0);
    EQ(supervisor_send(listener, taken, 66, 0, 0), 0);
    EQ(supervisor_poll(listener, -1), POLLIN);
    EQ(supervisor_send(listener, supervisor_next(listener, 0, 7).id, 77, 0, 0), 0);
    uint64_t last = supervisor_next(listener, pid, 8).id;
    EQ(supervisor_valid(listener, last), 0);
    SYS(close(listener));
    REAP(pid);
}
