#include "guest.h"

#include <sys/ioctl.h>
#include <termios.h>

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

static void type(const char *keys) {
    EQ(write(master, keys, strlen(keys)), strlen(keys));
}

/* The screen gets exactly this; a pseudo terminal may hand it over in pieces. */
static void shows(const char *text) {
    char buffer[256];
    size_t have = 0;
    while (have < strlen(text)) {
        have += SYS(read(master, buffer + have, sizeof buffer - 1 - have));
    }
    buffer[have] = 0;
    EQ(strcmp(buffer, text), 0);
}

static void reads(const char *text) {
    char buffer[256];
    EQ(read(replica, buffer, sizeof buffer), strlen(text));
    EQ(memcmp(buffer, text, strlen(text)), 0);
}

static void change(tcflag_t input, tcflag_t output, tcflag_t off, tcflag_t on) {
    struct termios modes;
    SYS(tcgetattr(replica, &modes));
    modes.c_iflag |= input;
    modes.c_oflag |= output;
    modes.c_lflag &= ~off;
    modes.c_lflag |= on;
    SYS(tcsetattr(replica, TCSANOW, &modes));
}

GUEST("lines are edited and echoed, and a half-typed one is kept") {
    open_pair();
    int waiting;
    type("on\x7f\x7fne\r");
    shows("on\b \b\b \bne\r\n");
    reads("ne\n");
    type("two words\x17\x01");
    shows("two words\b \b\b \b\b \b\b \b\b \b^A");
    type("\x15");
    shows("\b \b\b \b\b \b\b \b\b \b\b \b");
    type("a\tb\x7f\x7f");
    shows("a\tb\b \b\b\b\b\b\b\b\b");
    type("\x16\x03\x12");
    shows("^\b^C^R\r\na^C");
    type("half");
    shows("half");
    SYS(ioctl(replica, FIONREAD, &waiting));
    EQ(waiting, 0);
    checkpoint();
    SYS(ioctl(replica, FIONREAD, &waiting));
    EQ(waiting, 0);
    type("\x7f" "ves\n");
    shows("\b \bves\r\n");
    reads("a\x03halves\n");
    type("x\x04");
    reads("x");
    type("\x04");
    reads("");
    EQ(write(replica, "1\n\t2", 4), 4);
    shows("x1\r\n\t2");
    change(0, XTABS, ECHO, 0);
    type("quiet\n");
    reads("quiet\n");
    EQ(write(replica, "\r\t3", 3), 3);
    shows("\r        3");
    change(IUTF8, 0, 0, ECHO);
    type("\xc3\xa4\xc3\xb6\x7f\n");
    shows("\xc3\xa4\xc3\xb6\b \b\r\n");
    reads("\xc3\xa4\n");
}
