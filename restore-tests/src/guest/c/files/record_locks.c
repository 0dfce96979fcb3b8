#include "guest.h"

static struct gate ready, go;

static struct flock range(short type, off_t start, off_t length) {
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

static void holder(void *unused) {
    struct flock lock = range(F_WRLCK, 10, 20);
    (void)unused;
    int fd = SYS(open("file", O_RDWR));
    SYS(fcntl(fd, F_SETLK, &lock));
    gate_open(&ready);
    gate_pass(&go);
    lock = range(F_UNLCK, 10, 10);
    SYS(fcntl(fd, F_SETLK, &lock)); // the first half
    gate_open(&ready);
    gate_pass(&go);
}

static void waiter(void *unused) {
    struct flock lock = range(F_WRLCK, 15, 1);
    (void)unused;
    int fd = SYS(open("file", O_RDWR));
    gate_open(&ready);
    SYS(fcntl(fd, F_SETLKW, &lock));
}

GUEST("record locks are held and waited for across the checkpoint") {
    gate_make(&ready);
    gate_make(&go);
    guest_write_file("file", "");
    int fd = SYS(open("file", O_RDWR));
    pid_t holding = guest_child(holder, NULL);
    gate_pass(&ready);
    pid_t waiting = guest_child(waiter, NULL);
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    struct flock lock = range(F_WRLCK, 0, 100);
    SYS(fcntl(fd, F_GETLK, &lock));
    EQ(lock.l_type, F_WRLCK);
    EQ(lock.l_start, 10);
    EQ(lock.l_len, 20);
    EQ(lock.l_pid, holding);
    lock = range(F_RDLCK, 29, 1);
    FAILS(EAGAIN, fcntl(fd, F_SETLK, &lock));
    lock = range(F_WRLCK, 30, 0);
    SYS(fcntl(fd, F_SETLK, &lock));
    EQ(waitpid(waiting, NULL, WNOHANG), 0);
    gate_open(&go);
    gate_pass(&ready);
    REAP(waiting);
    lock = range(F_WRLCK, 0, 20);
    SYS(fcntl(fd, F_SETLK, &lock));
    lock = range(F_WRLCK, 20, 1);
    FAILS(EAGAIN, fcntl(fd, F_SETLK, &lock));
    gate_open(&go);
    REAP(holding);
    SYS(fcntl(fd, F_SETLK, &lock));
}
