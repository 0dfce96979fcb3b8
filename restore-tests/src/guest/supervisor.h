/* What the tests of seccomp_unotify(2) share: processes whose getsid(2) calls another one answers. */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "filters.h"

/* Hands getsid(2), and getppid(2), to a listener, which it returns. */
static inline int supervisor_listen(unsigned flags) {
    no_new_privileges();
    return (int)SYS(FILTER(
        SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, LOAD(nr), UNLESS(SYS_getsid, 1), ANSWER(SECCOMP_RET_USER_NOTIF | 3),
        UNLESS(SYS_getppid, 1), ANSWER(SECCOMP_RET_USER_NOTIF), ANSWER(SECCOMP_RET_ALLOW)));
}

static inline void supervisor_pass(int socket, int fd) {
    char byte = 0;
    char room[CMSG_SPACE(sizeof(int))] = "";
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    EQ(sendmsg(socket, &message, 0), 1);
    SYS(close(fd));
}

static inline int supervisor_get(int socket) {
    char byte;
    char room[CMSG_SPACE(sizeof(int))];
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    EQ(recvmsg(socket, &message, 0), 1);
    int fd;
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return fd;
}

/* The next call: getsid with this argument, by this process or by any (0). */
static inline struct seccomp_notif supervisor_next(int listener, pid_t pid, int argument) {
    struct seccomp_notif call;
    memset(&call, 0, sizeof call);
    SYS(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call));
    CHECK(pid == 0 ? call.pid > 0 : call.pid == (uint32_t)pid);
    EQ(call.flags, 0);
    EQ(call.data.nr, SYS_getsid);
    EQ(call.data.arch, AUDIT_ARCH_X86_64);
    EQ(call.data.args[0], argument);
    return call;
}

static inline int supervisor_send(int listener, uint64_t id, long value, int error, unsigned flags) {
    struct seccomp_notif_resp answer = {id, value, error, flags};
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

static inline int supervisor_valid(int listener, uint64_t id) {
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
}

static inline int supervisor_add(int listener, uint64_t id, unsigned flags, int fd, unsigned wanted, unsigned fd_flags) {
    struct seccomp_notif_addfd add = {id, flags, (unsigned)fd, wanted, fd_flags};
    return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
}

/* What poll(2) says of it within some milliseconds. */
static inline int supervisor_poll(int listener, int milliseconds) {
    struct pollfd one = {listener, POLLIN | POLLOUT, 0};
    SYS(poll(&one, 1, milliseconds));
    return one.revents;
}

#endif
