#include "guest.h"

#define LINKS 12
#define SIZE 200000

/* Copies its input to its output, each byte one higher. */
static void copy(int in, int out) {
    unsigned char bytes[3000];
    ssize_t count;
    while ((count = SYS(read(in, bytes, sizeof bytes))) > 0) {
        for (ssize_t i = 0; i < count; i++) {
            bytes[i]++;
        }
        EQ(write(out, bytes, count), count);
    }
}

GUEST("a pipeline of processes in full flow loses and changes nothing") {
    pid_t pids[LINKS];
    int head[2], ends[2];
    SYS(pipe(head));
    int in = head[0];
    for (int i = 0; i < LINKS; i++) {
        SYS(pipe(ends));
        pids[i] = SYS(fork());
        if (pids[i] == 0) {
            SYS(close(head[1]));
            SYS(close(ends[0]));
            copy(in, ends[1]);
            _exit(0);
        }
        SYS(close(in));
        SYS(close(ends[1]));
        in = ends[0];
    }
    unsigned char *bytes = malloc(SIZE), *got = malloc(SIZE);
    guest_fill(bytes, SIZE, 1);
    pid_t feeder = SYS(fork());
    if (feeder == 0) {
        EQ(write(head[1], bytes, SIZE), SIZE);
        _exit(0);
    }
    SYS(close(head[1]));
    checkpoint();
    size_t done = 0;
    ssize_t count;
    while ((count = SYS(read(in, got + done, SIZE - done))) > 0) {
        done += count;
    }
    EQ(done, SIZE);
    for (size_t i = 0; i < SIZE; i++) {
        EQ((unsigned char)(bytes[i] + LINKS), got[i]);
    }
    REAP(feeder);
    for (int i = 0; i < LINKS; i++) {
        REAP(pids[i]);
    }
}
