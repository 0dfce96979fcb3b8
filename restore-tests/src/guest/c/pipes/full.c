#include "guest.h"

#define SIZE 300000

static int ends[2];
static struct gate ready;

static void child(void *unused) {
    (void)unused;
    unsigned char *bytes = malloc(SIZE);
    guest_fill(bytes, SIZE, 1);
    SYS(close(ends[0]));
    gate_open(&ready);
    EQ(write(ends[1], bytes, SIZE), SIZE);
}

GUEST("a writer that waits in the middle of a big write writes the rest") {
    gate_make(&ready);
    SYS(pipe(ends));
    pid_t pid = guest_child(child, NULL);
    SYS(close(ends[1]));
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    unsigned char *bytes = malloc(SIZE);
    ssize_t count;
    size_t done = 0;
    while ((count = SYS(read(ends[0], bytes + done, SIZE - done))) > 0) {
        done += count;
    }
    EQ(done, SIZE);
    CHECK(guest_filled(bytes, SIZE, 1));
    REAP(pid);
}
