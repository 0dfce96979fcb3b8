#include <sys/socket.h>

#include "guest.h"

#define MANY 3

static int pair[2];
static char texts[MANY][16];
static struct iovec pieces[MANY];
static struct mmsghdr messages[MANY];
static struct gate ready;

static struct mmsghdr *batch(const char *const *words) {
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < MANY; i++) {
        pieces[i].iov_base = texts[i];
        pieces[i].iov_len = words == NULL ? sizeof texts[i] : strlen(words[i]);
        if (words != NULL) {
            strcpy(texts[i], words[i]);
        }
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    return messages;
}

/* Waits for all of three messages, of which one came before the checkpoint. */
static void child(void *unused) {
    (void)unused;
    gate_open(&ready);
    EQ(recvmmsg(pair[1], batch(NULL), MANY, 0, NULL), MANY);
    CHECK(memcmp(texts[0], "first", 5) == 0);
    CHECK(memcmp(texts[1], "b", 1) == 0);
    CHECK(memcmp(texts[2], "c", 1) == 0);
    EQ(messages[0].msg_len, 5);
    EQ(messages[2].msg_len, 1);
}

GUEST("messages are sent and received many at a time, over a checkpoint too") {
    const char *words[] = {"one", "three", "eleven"};
    struct timespec timeout = {5, 0};
    gate_make(&ready);
    SYS(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    EQ(sendmmsg(pair[0], batch(words), MANY, 0), MANY);
    EQ(messages[1].msg_len, 5);
    EQ(recvmmsg(pair[1], batch(NULL), 2, 0, &timeout), 2);
    EQ(messages[0].msg_len, 3);
    CHECK(timeout.tv_sec < 5);
    EQ(recvmmsg(pair[1], batch(NULL), MANY, MSG_WAITFORONE, NULL), 1);
    EQ(messages[0].msg_len, 6);
    FAILS(EAGAIN, recvmmsg(pair[1], batch(NULL), MANY, MSG_DONTWAIT, NULL));
    EQ(sendmmsg(pair[0], messages, 0, 0), 0);
    FAILS(EBADF, sendmmsg(-1, messages, 1, 0));
    EQ(send(pair[0], "first", 5, 0), 5);
    pid_t pid = guest_child(child, NULL);
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    EQ(send(pair[0], "b", 1, 0), 1);
    guest_settle();
    EQ(send(pair[0], "c", 1, 0), 1);
    REAP(pid);
}
