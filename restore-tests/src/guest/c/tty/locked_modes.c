#include "guest.h"

#include <asm/termbits.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

static int master, replica;

static void open_pair(void) {
    int number, unlock = 0;
    char name[32];
    master = SYS(open("/dev/ptmx", O_RDWR | O_NOCTTY));
    SYS(ioctl(master, TIOCSPTLCK, &unlock));
    SYS(ioctl(master, TIOCGPTN, &number));
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    replica = SYS(open(name, O_RDWR | O_NOCTTY));
}

static struct termios modes(int fd, unsigned request) {
    struct termios found;
    memset(&found, 0xff, sizeof found);
    SYS(ioctl(fd, request, &found));
    return found;
}

static void powerless(void *unused) {
    (void)unused;
    struct termios none = modes(replica, TIOCGLCKTRMIOS);
    SYS(setresuid(1000, 1000, 1000));
    FAILS(EPERM, ioctl(replica, TIOCSLCKTRMIOS, &none));
    FAILS(EPERM, ioctl(replica, TIOCSLCKTRMIOS, NULL));
    modes(master, TIOCGLCKTRMIOS);
}

GUEST("modes of a terminal that are locked cannot be changed") {
    open_pair();
    struct termios none, locked = modes(replica, TIOCGLCKTRMIOS), old = modes(replica, TCGETS), set;
    memset(&none, 0, sizeof none);
    EQ(memcmp(&locked, &none, sizeof none), 0);
    FAILS(EFAULT, ioctl(replica, TIOCGLCKTRMIOS, NULL));
    FAILS(EFAULT, ioctl(replica, TIOCSLCKTRMIOS, NULL));
    REAP(guest_child(powerless, NULL));
    locked.c_lflag = ECHO | ICANON;
    locked.c_oflag = OPOST;
    locked.c_cflag = CBAUD;
    locked.c_cc[VEOF] = 1;
    locked.c_cc[VKILL] = 200;
    SYS(ioctl(master, TIOCSLCKTRMIOS, &locked));
    checkpoint();
    set = modes(replica, TIOCGLCKTRMIOS);
    EQ(memcmp(&locked, &set, sizeof set), 0);
    set = old;
    set.c_iflag ^= ICRNL | IGNBRK;
    set.c_oflag ^= OPOST | ONLCR;
    set.c_cflag ^= HUPCL | (CBAUD & (B9600 ^ B38400));
    set.c_lflag ^= ECHO | ICANON | ISIG | ECHOE;
    set.c_cc[VEOF] = set.c_cc[VKILL] = set.c_cc[VINTR] = 'x';
    SYS(ioctl(replica, TCSETS, &set));
    set = modes(master, TCGETS);
    EQ(set.c_iflag, old.c_iflag ^ (ICRNL | IGNBRK));
    EQ(set.c_oflag, old.c_oflag ^ ONLCR);
    EQ(set.c_cflag, old.c_cflag ^ HUPCL);
    EQ(set.c_lflag, old.c_lflag ^ (ISIG | ECHOE));
    EQ(set.c_cc[VEOF], old.c_cc[VEOF]);
    EQ(set.c_cc[VKILL], old.c_cc[VKILL]);
    EQ(set.c_cc[VINTR], 'x');
    SYS(ioctl(replica, TIOCSLCKTRMIOS, &none));
    set.c_lflag = old.c_lflag ^ ECHO;
    SYS(ioctl(replica, TCSETSF, &set));
    EQ(modes(replica, TCGETS).c_lflag, old.c_lflag ^ ECHO);
}
