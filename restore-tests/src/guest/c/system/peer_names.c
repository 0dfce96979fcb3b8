#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "guest.h"

#define FAMILY_BYTES offsetof(struct sockaddr_un, sun_path)

static socklen_t address_of(struct sockaddr_un *address, const char *name) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    strcpy(address->sun_path, name);
    return (socklen_t)(FAMILY_BYTES + strlen(name) + 1);
}

static int named(int type, const char *name) {
    struct sockaddr_un address;
    int fd = SYS(socket(AF_UNIX, type, 0));
    SYS(bind(fd, (struct sockaddr *)&address, address_of(&address, name)));
    return fd;
}

static void link_to(int fd, const char *name) {
    struct sockaddr_un address;
    SYS(connect(fd, (struct sockaddr *)&address, address_of(&address, name)));
}

/* The name of the peer, empty for one that has none. */
static void peer_is(int fd, const char *name) {
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    SYS(getpeername(fd, (struct sockaddr *)&address, &length));
    EQ(length, FAMILY_BYTES + (*name ? strlen(name) + 1 : 0));
    CHECK(strcmp(address.sun_path, name) == 0);
}

static void nobody(int fd) {
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    FAILS(ENOTCONN, getpeername(fd, (struct sockaddr *)&address, &length));
}

/* A client whose server has gone, and one that nobody ever accepted. */
static void listeners(int type, const char *name, int clients[3]) {
    int listener = named(type, name);
    SYS(listen(listener, 3));
    for (int i = 0; i < 3; i++) {
        clients[i] = SYS(socket(AF_UNIX, type, 0));
        if (i == 2) {
            SYS(shutdown(clients[i], SHUT_RDWR));
        }
        link_to(clients[i], name);
    }
    int server = SYS(accept(listener, NULL, NULL));
    peer_is(server, "");
    SYS(shutdown(server, SHUT_RDWR));
    peer_is(server, "");
    SYS(close(server));
    SYS(close(listener));
}

static void verify(const int clients[3], const char *name) {
    char text;
    for (int i = 0; i < 3; i++) {
        peer_is(clients[i], name);
    }
    EQ(read(clients[0], &text, 1), 0);
    FAILS(EPIPE, send(clients[0], "x", 1, MSG_NOSIGNAL));
    peer_is(clients[0], name);
}

GUEST("a connected socket names a peer that has gone") {
    int stream[3], packets[3], pair[2], unnamed[2], datagrams[2];
    struct sockaddr_un address;
    listeners(SOCK_STREAM, "stream-peer", stream);
    listeners(SOCK_SEQPACKET, "packet-peer", packets);

    SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    peer_is(pair[0], "");
    SYS(bind(pair[1], (struct sockaddr *)&address, address_of(&address, "late-name")));
    peer_is(pair[0], "late-name");
    SYS(close(pair[1]));
    SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, unnamed));
    SYS(close(unnamed[1]));

    int receiver = named(SOCK_DGRAM, "datagram-peer");
    for (int i = 0; i < 2; i++) {
        datagrams[i] = SYS(socket(AF_UNIX, SOCK_DGRAM, 0));
        link_to(datagrams[i], "datagram-peer");
    }
    nobody(receiver);
    SYS(close(receiver));

    /* A client that has gone before it was accepted. */
    int listener = named(SOCK_STREAM, "accepting");
    SYS(listen(listener, 1));
    int early = named(SOCK_STREAM, "early");
    link_to(early, "accepting");
    SYS(close(early));

    checkpoint();

    verify(stream, "stream-peer");
    verify(packets, "packet-peer");
    peer_is(pair[0], "late-name");
    peer_is(unnamed[0], "");
    peer_is(datagrams[0], "datagram-peer");
    FAILS(ECONNREFUSED, send(datagrams[0], "x", 1, 0));
    nobody(datagrams[0]);
    struct sockaddr nothing = {.sa_family = AF_UNSPEC};
    SYS(connect(datagrams[1], &nothing, sizeof nothing.sa_family));
    nobody(datagrams[1]);

    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    int accepted = SYS(accept(listener, (struct sockaddr *)&address, &length));
    EQ(length, FAMILY_BYTES + sizeof "early");
    CHECK(strcmp(address.sun_path, "early") == 0);
    peer_is(accepted, "early");
}
