#include "guest.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master, replica;

static void modes(int least, int tenths) {
    struct termios now;
    SYS(tcgetattr(replica, &now));
    now.c_lflag &= ~(ICANON | ECHO | ISIG);
    now.c_iflag &= ~(ICRNL | IXON);
    now.c_cc[VMIN] = least;
    now.c_cc[VTIME] = tenths;
    SYS(tcsetattr(replica, TCSANOW, &now));
}

static short ready(int fd) {
    struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT};
    SYS(poll(&one, 1, 0));
    return one.revents;
}

static void reader(void *unused) {
    char buffer[8];
    (void)unused;
    EQ(read(replica, buffer, sizeof buffer), 3);
    EQ(memcmp(buffer, "abc", 3), 0);
}

GUEST("without lines VMIN and VTIME say how long a read waits") {
    char buffer[16];
    int number, unlock = 0, waiting;
    char name[32];
    master = SYS(open("/dev/ptmx", O_RDWR | O_NOCTTY));
    SYS(ioctl(master, TIOCGPTN, &number));
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    FAILS(EIO, open(name, O_RDWR | O_NOCTTY)); // locked
    SYS(ioctl(master, TIOCSPTLCK, &unlock));
    replica = SYS(open(name, O_RDWR | O_NOCTTY));
    modes(0, 0);
    EQ(read(replica, buffer, 1), 0);
    modes(0, 2);
    long long before = guest_now(CLOCK_MONOTONIC);
    EQ(read(replica, buffer, 1), 0);
    CHECK(guest_now(CLOCK_MONOTONIC) - before >= 150 * MILLISECOND);
    modes(3, 0);
    EQ(write(master, "a\r", 2), 2);
    guest_settle();
    EQ(ready(replica) & POLLIN, 0);
    SYS(ioctl(replica, FIONREAD, &waiting));
    EQ(waiting, 2);
    EQ(read(replica, buffer, 2), 2); // asked for less than VMIN
    EQ(memcmp(buffer, "a\r", 2), 0);
    pid_t child = guest_child(reader, NULL);
    EQ(write(master, "ab", 2), 2);
    guest_settle();
    checkpoint();
    guest_settle();
    EQ(waitpid(child, NULL, WNOHANG), 0);
    EQ(write(master, "c", 1), 1);
    REAP(child);
    modes(5, 1);
    EQ(write(master, "xy", 2), 2);
    EQ(read(replica, buffer, 5), 2); // no third byte in time
    modes(1, 0);
    EQ(write(master, "\x03\x04", 2), 2);
    EQ(read(replica, buffer, 5), 2);
    EQ(ready(replica), POLLOUT);
    EQ(ready(master), POLLOUT);
    SYS(close(replica));
    EQ(ready(master), POLLOUT | POLLHUP);
    FAILS(EIO, read(master, buffer, 1));
}
