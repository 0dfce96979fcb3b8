#include <poll.h>
#include <sys/wait.h>

#include "guest.h"

static struct gate go;

static void child(void *unused) {
    (void)unused;
    gate_pass(&go);
    _exit(94);
}

GUEST("a descriptor of a process says when it ends and sends it signals") {
    siginfo_t info;
    gate_make(&go);
    pid_t ending = guest_child(child, NULL), killed = guest_child(child, NULL);
    int one = SYS(syscall(SYS_pidfd_open, ending, 0)), two = SYS(syscall(SYS_pidfd_open, killed, 0));
    struct pollfd polled = {.fd = one, .events = POLLIN};
    EQ(SYS(poll(&polled, 1, 0)), 0);
    checkpoint();
    EQ(SYS(poll(&polled, 1, 0)), 0);
    SYS(syscall(SYS_pidfd_send_signal, two, SIGTERM, NULL, 0));
    EQ(WTERMSIG(guest_status(killed)), SIGTERM);
    gate_open(&go);
    EQ(SYS(poll(&polled, 1, -1)), 1);
    EQ(polled.revents, POLLIN);
    SYS(waitid(P_PIDFD, one, &info, WEXITED));
    EQ(info.si_pid, ending);
    EQ(info.si_status, 94);
    FAILS(ESRCH, syscall(SYS_pidfd_send_signal, two, SIGTERM, NULL, 0));
}
