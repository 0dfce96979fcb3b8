#include <sys/socket.h>

#include "guest.h"

static int ends[2];
static struct gate ready;

static void child(void *unused) {
    char text[16];
    (void)unused;
    SYS(close(ends[0]));
    gate_open(&ready);
    EQ(read(ends[1], text, sizeof text), 4);
    CHECK(memcmp(text, "ping", 4) == 0);
    EQ(write(ends[1], "pong", 4), 4);
}

GUEST("a pair of connected local sockets keeps what was sent and who waits") {
    int stream[2], datagram[2];
    char text[16];
    gate_make(&ready);
    SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    SYS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, stream));
    SYS(socketpair(AF_UNIX, SOCK_DGRAM, 0, datagram));
    pid_t pid = guest_child(child, NULL);
    SYS(close(ends[1]));
    gate_pass(&ready);
    EQ(send(stream[0], "abcdef", 6, 0), 6);
    EQ(send(datagram[0], "one", 3, 0), 3);
    EQ(send(datagram[0], "four", 4, 0), 4);
    guest_settle();
    checkpoint();
    EQ(read(stream[1], text, 4), 4);
    EQ(read(stream[1], text, 4), 2);
    FAILS(EAGAIN, read(stream[1], text, 4));
    EQ(recv(datagram[1], text, sizeof text, 0), 3);
    EQ(recv(datagram[1], text, sizeof text, 0), 4);
    EQ(write(ends[0], "ping", 4), 4);
    EQ(read(ends[0], text, sizeof text), 4);
    CHECK(memcmp(text, "pong", 4) == 0);
    REAP(pid);
    EQ(read(ends[0], text, 1), 0);
}
