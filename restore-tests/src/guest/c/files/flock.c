#include <sys/file.h>

#include "guest.h"

static struct gate ready, go;

static void holder(void *unused) {
    (void)unused;
    int fd = SYS(open("file", O_RDWR));
    SYS(flock(fd, LOCK_EX));
    gate_open(&ready);
    gate_pass(&go);
}

static void waiter(void *unused) {
    (void)unused;
    int fd = SYS(open("file", O_RDWR));
    gate_open(&ready);
    SYS(flock(fd, LOCK_EX)); // until the holder has ended
}

GUEST("flock locks are held and waited for across the checkpoint") {
    gate_make(&ready);
    gate_make(&go);
    guest_write_file("file", "");
    guest_write_file("other", "");
    pid_t holding = guest_child(holder, NULL);
    gate_pass(&ready);
    pid_t waiting = guest_child(waiter, NULL);
    gate_pass(&ready);
    int fd = SYS(open("file", O_RDWR)), other = SYS(open("other", O_RDWR));
    SYS(flock(other, LOCK_SH));
    guest_settle();
    checkpoint();
    FAILS(EWOULDBLOCK, flock(fd, LOCK_EX | LOCK_NB));
    FAILS(EWOULDBLOCK, flock(fd, LOCK_SH | LOCK_NB));
    int again = SYS(open("other", O_RDWR));
    SYS(flock(again, LOCK_SH | LOCK_NB));
    FAILS(EWOULDBLOCK, flock(again, LOCK_EX | LOCK_NB));
    SYS(flock(other, LOCK_UN));
    SYS(flock(again, LOCK_EX | LOCK_NB));
    EQ(waitpid(waiting, NULL, WNOHANG), 0);
    gate_open(&go);
    REAP(holding);
    REAP(waiting);
    SYS(flock(fd, LOCK_EX | LOCK_NB));
}
