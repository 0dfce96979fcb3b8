#include "guest.h"

static volatile int calls;
static int ends[2];
static struct gate ready;

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)info;
    (void)context;
    EQ(signal, SIGPIPE);
    calls++;
}

static void child(void *unused) {
    static char bytes[100000];
    (void)unused;
    guest_handler(SIGPIPE, on_signal, 0);
    SYS(close(ends[0]));
    gate_open(&ready);
    EQ(write(ends[1], bytes, sizeof bytes), 65536); // full, then the reader goes: a short count
    EQ(calls, 1);
    FAILS(EPIPE, write(ends[1], bytes, 1));
    EQ(calls, 2);
    signal(SIGPIPE, SIG_IGN);
    FAILS(EPIPE, write(ends[1], bytes, 1));
    signal(SIGPIPE, SIG_DFL);
    (void)!write(ends[1], bytes, 1);
}

GUEST("a writer without readers gets SIGPIPE and EPIPE, also one that waits") {
    gate_make(&ready);
    SYS(pipe(ends));
    pid_t pid = guest_child(child, NULL);
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    SYS(close(ends[0]));
    int status = guest_status(pid);
    CHECK(WIFSIGNALED(status));
    EQ(WTERMSIG(status), SIGPIPE);
}
