#include <poll.h>

#include "cgroups.h"

static volatile long *counter;

static void counting(void *unused) {
    (void)unused;
    while (true) {
        ++*counter;
    }
}

static void waiting(void *argument) {
    char byte;
    EQ(read(*(int *)argument, &byte, 1), 1);
    _exit(7);
}

static void await_counting(void) {
    long seen = *counter;
    for (int i = 0; i < 2000 && *counter == seen; i++) {
        guest_sleep(MILLISECOND);
    }
    CHECK(*counter != seen);
}

static void body(void) {
    counter = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    int ends[2];
    SYS(pipe(ends));
    SYS(mkdir("a", 0755));
    SYS(mkdir("a/b", 0755));
    SHOWS("a/cgroup.freeze", "0\n");
    PUT_FAILS(ERANGE, "a/cgroup.freeze", "2");
    PUT_FAILS(ERANGE, "a/cgroup.freeze", "-1");
    PUT_FAILS(EINVAL, "a/cgroup.freeze", "x");
    pid_t busy = guest_child(counting, NULL);
    pid_t idle = guest_child(waiting, &ends[0]);
    group_join("a", busy);
    group_join("a/b", idle);
    await_counting();
    int events = SYS(open("a/cgroup.events", O_RDONLY));
    char text[64] = "";
    EQ(read(events, text, 63), 21);
    struct pollfd polled = {.fd = events, .events = POLLPRI};
    EQ(SYS(poll(&polled, 1, 0)), 0);
    PUT("a/cgroup.freeze", "1");
    EQ(SYS(poll(&polled, 1, 2000)), 1);
    EQ(polled.revents, POLLPRI | POLLERR);
    group_await("a/cgroup.events", "frozen 1");
    SHOWS("a/cgroup.freeze", "1\n");
    SHOWS("a/b/cgroup.freeze", "0\n");
    group_await("a/b/cgroup.events", "frozen 1");
    long stood = *counter;
    checkpoint();
    SHOWS("a/cgroup.freeze", "1\n");
    CHECK(group_has_line("a/cgroup.events", "frozen 1"));
    CHECK(group_has_line("a/b/cgroup.events", "frozen 1"));
    guest_sleep(20 * MILLISECOND);
    EQ(*counter, stood);
    /* Who is asleep is frozen as well: it wakes up when it may. */
    EQ(write(ends[1], "x", 1), 1);
    guest_sleep(20 * MILLISECOND);
    EQ(SYS(waitpid(idle, NULL, WNOHANG)), 0);
    PUT("a/cgroup.freeze", "0");
    group_await("a/cgroup.events", "frozen 0");
    int status = guest_status(idle);
    EQ(WEXITSTATUS(status), 7);
    await_counting();
    /* Moving into a frozen group freezes, out of it thaws. */
    PUT("a/b/cgroup.freeze", "1");
    CHECK(group_has_line("a/b/cgroup.events", "frozen 1"));
    group_join("a/b", busy);
    group_await("a/b/cgroup.events", "frozen 1");
    group_join("a", busy);
    await_counting();
    group_join("a/b", busy);
    group_await("a/b/cgroup.events", "frozen 1");
    /* A frozen process can be killed. */
    SYS(kill(busy, SIGKILL));
    EQ(WTERMSIG(guest_status(busy)), SIGKILL);
    CHECK(group_has_line("a/b/cgroup.events", "populated 0"));
}

GUEST("a frozen group stands still until it is thawed") {
    group_test("cgroup2", "", body, true);
}
