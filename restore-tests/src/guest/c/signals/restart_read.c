#include "guest.h"

struct reader {
    int flags;
    struct gate ready, input;
    pid_t pid;
};

static volatile int calls;

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    calls++;
}

static void child(void *argument) {
    struct reader *reader = argument;
    char byte;
    guest_handler(SIGUSR1, on_signal, reader->flags);
    gate_open(&reader->ready);
    ssize_t count = read(reader->input.ends[0], &byte, 1);
    if (reader->flags & SA_RESTART) {
        EQ(count, 1);
    } else {
        EQ(count, -1);
        EQ(errno, EINTR);
    }
    EQ(calls, 1);
}

static void begin(struct reader *reader, int flags) {
    reader->flags = flags;
    gate_make(&reader->ready);
    gate_make(&reader->input);
    reader->pid = guest_child(child, reader);
    gate_pass(&reader->ready);
}

GUEST("a read that waits is not disturbed; a handler then restarts it or ends it with EINTR, as asked") {
    static struct reader restarts, ends;
    begin(&restarts, SA_RESTART);
    begin(&ends, 0);
    guest_settle();
    checkpoint();
    guest_settle();
    SYS(kill(restarts.pid, SIGUSR1));
    SYS(kill(ends.pid, SIGUSR1));
    REAP(ends.pid);
    guest_settle();
    EQ(waitpid(restarts.pid, NULL, WNOHANG), 0);
    gate_open(&restarts.input);
    REAP(restarts.pid);
}
