#include <sys/eventfd.h>

#include "guest.h"

static int fd, full;
static struct gate ready;

static void reader(void *unused) {
    uint64_t value;
    (void)unused;
    gate_open(&ready);
    EQ(read(fd, &value, 8), 8);
    EQ(value, 9);
}

static void writer(void *unused) {
    uint64_t value = 5;
    (void)unused;
    gate_open(&ready);
    EQ(write(full, &value, 8), 8);
}

GUEST("who waits to read or to write an eventfd goes on waiting") {
    uint64_t value;
    gate_make(&ready);
    fd = SYS(eventfd(0, 0));
    full = SYS(eventfd(0, 0));
    SYS(eventfd_write(full, UINT64_MAX - 1));
    pid_t reading = guest_child(reader, NULL);
    pid_t writing = guest_child(writer, NULL);
    gate_pass(&ready);
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    EQ(waitpid(-1, NULL, WNOHANG), 0);
    SYS(eventfd_write(fd, 9));
    REAP(reading);
    EQ(read(full, &value, 8), 8);
    EQ(value, UINT64_MAX - 1);
    REAP(writing);
    EQ(read(full, &value, 8), 8);
    EQ(value, 5);
}
