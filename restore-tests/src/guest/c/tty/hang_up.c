#include "guest.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master;
static char name[32];
static struct gate ready;
static volatile sig_atomic_t hang_ups;

static void on_hang_up(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    hang_ups++;
}

static void bystander(void *unused) {
    (void)unused;
    SYS(setpgid(0, 0));
    gate_open(&ready);
    for (;;) {
        pause();
    }
}

static void session(void *unused) {
    char byte;
    int status;
    (void)unused;
    SYS(close(master));
    SYS(setsid());
    int terminal = SYS(open(name, O_RDWR));
    guest_handler(SIGHUP, on_hang_up, SA_RESTART);
    pid_t other = guest_child(bystander, NULL);
    gate_open(&ready);
    while (hang_ups == 0) {
        guest_sleep(MILLISECOND);
    }
    EQ(read(terminal, &byte, 1), 0);
    FAILS(EIO, write(terminal, "x", 1));
    FAILS(EIO, tcflush(terminal, TCIFLUSH));
    struct pollfd one = {.fd = terminal, .events = POLLIN | POLLOUT};
    EQ(poll(&one, 1, -1), 1);
    EQ(one.revents, POLLIN | POLLOUT | POLLERR | POLLHUP);
    FAILS(ENXIO, open("/dev/tty", O_RDWR));
    FAILS(ENOENT, open(name, O_RDWR));
    EQ(waitpid(other, &status, WNOHANG), 0); // only the leader is told
    SYS(kill(other, SIGKILL));
    SYS(waitpid(other, &status, 0));
}

GUEST("closing the master hangs the terminal up") {
    int number, unlock = 0;
    gate_make(&ready);
    master = SYS(open("/dev/ptmx", O_RDWR | O_NOCTTY));
    SYS(ioctl(master, TIOCSPTLCK, &unlock));
    SYS(ioctl(master, TIOCGPTN, &number));
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    pid_t leader = guest_child(session, NULL);
    gate_pass(&ready);
    gate_pass(&ready);
    checkpoint();
    SYS(close(master));
    REAP(leader);
}
