#include <poll.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

#include "cgroups.h"

static struct gate go;

static void member(void *unused) {
    (void)unused;
    gate_pass(&go);
}

static void expect(int inotify, int watch, const char *name) {
    char buffer[512] __attribute__((aligned(8)));
    struct pollfd polled = {.fd = inotify, .events = POLLIN};
    EQ(SYS(poll(&polled, 1, 2000)), 1);
    ssize_t size = SYS(read(inotify, buffer, sizeof buffer));
    bool found = false;
    for (ssize_t at = 0; at < size;) {
        struct inotify_event *event = (struct inotify_event *)(buffer + at);
        EQ(event->mask, IN_MODIFY);
        found |= event->wd == watch && strcmp(event->len > 0 ? event->name : "", name) == 0;
        at += sizeof *event + event->len;
    }
    CHECK(found);
}

static void body(void) {
    gate_make(&go);
    SYS(mkdir("a", 0755));
    int events = SYS(open("a/cgroup.events", O_RDONLY));
    struct pollfd polled = {.fd = events, .events = POLLPRI};
    /* Who has not read has missed what it says. */
    EQ(SYS(poll(&polled, 1, 0)), 1);
    char text[64];
    EQ(read(events, text, sizeof text), 21);
    EQ(SYS(poll(&polled, 1, 0)), 0);
    int inotify = SYS(inotify_init1(IN_NONBLOCK));
    int watch = SYS(inotify_add_watch(inotify, "a/cgroup.events", IN_MODIFY));
    int epoll = SYS(epoll_create1(0));
    SYS(epoll_ctl(epoll, EPOLL_CTL_ADD, events, &(struct epoll_event){.events = EPOLLPRI}));
    struct epoll_event got;
    EQ(SYS(epoll_wait(epoll, &got, 1, 0)), 0);
    pid_t pid = guest_child(member, NULL);
    group_join("a", pid);
    expect(inotify, watch, "");
    EQ(SYS(poll(&polled, 1, 0)), 1);
    EQ(polled.revents, POLLPRI | POLLERR);
    EQ(SYS(epoll_wait(epoll, &got, 1, 0)), 1);
    EQ(got.events, EPOLLPRI | EPOLLERR);
    EQ(pread(events, text, sizeof text, 0), 21);
    CHECK(strncmp(text, "populated 1\n", 12) == 0);
    EQ(SYS(poll(&polled, 1, 0)), 0);
    checkpoint();
    EQ(SYS(poll(&polled, 1, 0)), 0);
    EQ(SYS(epoll_wait(epoll, &got, 1, 0)), 0);
    gate_open(&go);
    EQ(SYS(epoll_wait(epoll, &got, 1, 2000)), 1);
    expect(inotify, watch, "");
    REAP(pid);
    EQ(pread(events, text, sizeof text, 0), 21);
    CHECK(strncmp(text, "populated 0\n", 12) == 0);
    EQ(SYS(poll(&polled, 1, 0)), 0);
}

GUEST("cgroup.events tells of changes by poll, epoll and inotify") {
    group_test("cgroup2", "", body, true);
}
