#include "guest.h"

GUEST("a pipe that must not block says EAGAIN; writes up to PIPE_BUF are whole or not at all") {
    int ends[2];
    static char bytes[65536];
    SYS(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
    FAILS(EAGAIN, read(ends[0], bytes, 1));
    EQ(SYS(fcntl(ends[1], F_GETPIPE_SZ)), 65536);
    for (int i = 0; i < 16; i++) {
        EQ(write(ends[1], bytes, PIPE_BUF), PIPE_BUF);
    }
    FAILS(EAGAIN, write(ends[1], bytes, 1));
    EQ(read(ends[0], bytes, PIPE_BUF), PIPE_BUF);
    EQ(write(ends[1], bytes, 100), 100);
    checkpoint();
    FAILS(EAGAIN, write(ends[1], bytes, PIPE_BUF)); // does not fit whole
    EQ(SYS(fcntl(ends[1], F_GETFL)) & (O_NONBLOCK | O_ACCMODE), O_NONBLOCK | O_WRONLY);
    EQ(SYS(fcntl(ends[1], F_GETFD)), FD_CLOEXEC);
    ssize_t more = SYS(write(ends[1], bytes, 20000)); // larger than PIPE_BUF: as much as fits
    CHECK(more > 0 && more <= PIPE_BUF - 100);
    ssize_t got = 0, count;
    while ((count = read(ends[0], bytes, sizeof bytes)) > 0) {
        got += count;
    }
    EQ(count, -1);
    EQ(errno, EAGAIN);
    EQ(got, 15 * PIPE_BUF + 100 + more);
    EQ(SYS(fcntl(ends[1], F_SETPIPE_SZ, 4096)), 4096);
    EQ(SYS(write(ends[1], bytes, 8192)), 4096);
}
