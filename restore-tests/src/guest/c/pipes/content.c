#include <sys/ioctl.h>

#include "guest.h"

GUEST("what is in a pipe stays in it, and comes out in the same order") {
    int ends[2];
    unsigned char bytes[20000], got[20000];
    guest_fill(bytes, sizeof bytes, 1);
    SYS(pipe(ends));
    for (size_t done = 0, piece = 1; done < sizeof bytes; done += piece, piece = piece * 2 + 1) {
        if (piece > sizeof bytes - done) {
            piece = sizeof bytes - done;
        }
        EQ(write(ends[1], bytes + done, piece), piece);
    }
    EQ(read(ends[0], got, 777), 777);
    checkpoint();
    int left;
    SYS(ioctl(ends[0], FIONREAD, &left));
    EQ(left, sizeof bytes - 777);
    for (size_t done = 777; done < sizeof bytes;) {
        size_t want = sizeof bytes - done < 1000 ? sizeof bytes - done : 1000;
        EQ(read(ends[0], got + done, want), want);
        done += want;
    }
    CHECK(memcmp(bytes, got, sizeof bytes) == 0);
    SYS(close(ends[1]));
    EQ(read(ends[0], got, 1), 0);
}
