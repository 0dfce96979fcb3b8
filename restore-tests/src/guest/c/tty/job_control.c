#include "guest.h"

#include <sys/ioctl.h>
#include <termios.h>

static int master, terminal;
static char name[32];
static struct gate in_front, behind;
static volatile sig_atomic_t winches;

static void on_winch(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    winches++;
}

static void foreground(pid_t group) {
    sigset_t blocked, old;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTTOU);
    SYS(sigprocmask(SIG_BLOCK, &blocked, &old));
    SYS(tcsetpgrp(terminal, group));
    SYS(sigprocmask(SIG_SETMASK, &old, NULL));
}

static void reader(void *unused) {
    char buffer[16];
    (void)unused;
    SYS(setpgid(0, 0));
    gate_open(&behind);
    EQ(read(terminal, buffer, sizeof buffer), 3); // stops us until we are in the foreground
    EQ(memcmp(buffer, "hi\n", 3), 0);
    gate_open(&behind);
    for (;;) {
        pause();
    }
}

static void session(void *unused) {
    int status;
    struct winsize size = {.ws_row = 25, .ws_col = 80};
    (void)unused;
    SYS(setsid());
    FAILS(ENXIO, open("/dev/tty", O_RDWR));
    terminal = SYS(open(name, O_RDWR));
    EQ(SYS(tcgetpgrp(terminal)), getpid());
    EQ(SYS(tcgetsid(terminal)), getpid());
    SYS(close(SYS(open("/dev/tty", O_RDWR))));
    guest_handler(SIGWINCH, on_winch, SA_RESTART);
    SYS(ioctl(terminal, TIOCSWINSZ, &size));
    EQ(winches, 1);
    SYS(ioctl(terminal, TIOCSWINSZ, &size));
    EQ(winches, 1); // as it was
    gate_make(&behind);
    pid_t child = guest_child(reader, NULL);
    gate_pass(&behind);
    EQ(SYS(waitpid(child, &status, WUNTRACED)), child);
    CHECK(WIFSTOPPED(status));
    EQ(WSTOPSIG(status), SIGTTIN);
    checkpoint();
    EQ(SYS(tcgetpgrp(terminal)), getpid());
    memset(&size, 0, sizeof size);
    SYS(ioctl(terminal, TIOCGWINSZ, &size));
    EQ(size.ws_col, 80);
    foreground(child);
    EQ(SYS(tcgetpgrp(terminal)), child);
    SYS(kill(-child, SIGCONT));
    gate_pass(&behind);
    gate_open(&in_front);
    EQ(SYS(waitpid(child, &status, WUNTRACED)), child);
    CHECK(WIFSTOPPED(status));
    EQ(WSTOPSIG(status), SIGTSTP);
    foreground(getpid());
    SYS(kill(-child, SIGCONT));
    SYS(ioctl(terminal, TIOCNOTTY));
    FAILS(ENXIO, open("/dev/tty", O_RDWR));
    SYS(ioctl(terminal, TIOCSCTTY, 0));
    foreground(child);
    gate_open(&in_front);
    EQ(SYS(waitpid(child, &status, 0)), child);
    CHECK(WIFSIGNALED(status));
    EQ(WTERMSIG(status), SIGINT);
}

GUEST("a session's terminal: background reads stop, typed signals reach the foreground") {
    int number, unlock = 0;
    gate_make(&in_front);
    master = SYS(open("/dev/ptmx", O_RDWR | O_NOCTTY));
    SYS(ioctl(master, TIOCSPTLCK, &unlock));
    SYS(ioctl(master, TIOCGPTN, &number));
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    EQ(write(master, "hi\n", 3), 3);
    guest_handler(SIGHUP, on_winch, 0); // of TIOCNOTTY: for the session's leader too
    pid_t leader = guest_child(session, NULL);
    gate_pass(&in_front);
    EQ(write(master, "\x1a", 1), 1);
    gate_pass(&in_front);
    EQ(write(master, "\x03", 1), 1);
    REAP(leader);
}
