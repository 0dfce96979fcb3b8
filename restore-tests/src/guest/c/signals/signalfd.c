#include <poll.h>
#include <sys/signalfd.h>

#include "guest.h"

GUEST("a signalfd reads the signals that are pending") {
    sigset_t set;
    struct signalfd_siginfo info[4];
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    SYS(sigprocmask(SIG_BLOCK, &set, NULL));
    int fd = SYS(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    FAILS(EAGAIN, read(fd, info, sizeof info));
    SYS(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 1}));
    SYS(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 2}));
    SYS(kill(getpid(), SIGUSR1));
    checkpoint();
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    EQ(SYS(poll(&polled, 1, 0)), 1);
    EQ(read(fd, info, sizeof info), 3 * sizeof info[0]);
    EQ(info[0].ssi_signo, SIGUSR1);
    EQ(info[0].ssi_pid, getpid());
    EQ(info[1].ssi_signo, SIGRTMIN);
    EQ(info[1].ssi_int, 1);
    EQ(info[2].ssi_int, 2);
    EQ(SYS(poll(&polled, 1, 0)), 0);
    FAILS(EAGAIN, read(fd, info, sizeof info));
    FAILS(EINVAL, read(fd, info, sizeof info[0] - 1));
    SYS(raise(SIGUSR1));
    EQ(read(fd, info, sizeof info), sizeof info[0]);
}
