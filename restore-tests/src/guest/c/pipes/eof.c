#include "guest.h"

static int ends[2], echo[2];
static struct gate ready;

static void child(void *unused) {
    char byte;
    (void)unused;
    SYS(close(ends[1]));
    gate_open(&ready);
    EQ(read(ends[0], &byte, 1), 0);
}

GUEST("a reader that waits sees the end when the last writer closes") {
    char byte;
    gate_make(&ready);
    SYS(pipe(ends));
    SYS(pipe(echo));
    pid_t pid = guest_child(child, NULL);
    gate_pass(&ready);
    int second = SYS(dup(ends[1]));
    SYS(close(ends[1]));
    EQ(write(echo[1], "x", 1), 1);
    SYS(close(echo[1]));
    guest_settle();
    checkpoint();
    EQ(waitpid(pid, NULL, WNOHANG), 0);
    SYS(close(second));
    REAP(pid);
    EQ(read(echo[0], &byte, 1), 1); // what was written before the end comes first
    EQ(read(echo[0], &byte, 1), 0);
}
