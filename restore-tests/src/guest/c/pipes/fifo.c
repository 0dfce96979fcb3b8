#include "guest.h"

static struct gate ready;

static void open_reader(void *unused) {
    char text[4];
    (void)unused;
    gate_open(&ready);
    int fd = SYS(open("fifo", O_RDONLY)); // waits for a writer
    EQ(read(fd, text, 4), 3);
    EQ(read(fd, text, 1), 0);
}

static void open_writer(void *unused) {
    (void)unused;
    gate_open(&ready);
    int fd = SYS(open("other", O_WRONLY)); // waits for a reader
    EQ(write(fd, "xy", 2), 2);
}

GUEST("who waits in open for the other end of a fifo goes on waiting") {
    char text[4];
    struct stat status;
    gate_make(&ready);
    SYS(mkfifo("fifo", 0640));
    SYS(mknod("other", S_IFIFO | 0600, 0));
    FAILS(ENXIO, open("fifo", O_WRONLY | O_NONBLOCK));
    pid_t reader = guest_child(open_reader, NULL);
    pid_t writer = guest_child(open_writer, NULL);
    gate_pass(&ready);
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    EQ(waitpid(reader, NULL, WNOHANG), 0);
    EQ(waitpid(writer, NULL, WNOHANG), 0);
    int fd = SYS(open("fifo", O_WRONLY));
    EQ(write(fd, "abc", 3), 3);
    SYS(close(fd));
    REAP(reader);
    fd = SYS(open("other", O_RDONLY));
    EQ(read(fd, text, 4), 2);
    CHECK(memcmp(text, "xy", 2) == 0);
    EQ(read(fd, text, 4), 0);
    REAP(writer);
    SYS(stat("fifo", &status));
    CHECK(S_ISFIFO(status.st_mode));
    fd = SYS(open("fifo", O_RDWR)); // never waits
    EQ(write(fd, "q", 1), 1);
    EQ(read(fd, text, 1), 1);
    FAILS(ESPIPE, lseek(fd, 0, SEEK_SET));
}
