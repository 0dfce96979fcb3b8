#include "guest.h"

/* Uses about this many KiB of stack and checks on the way back that they are as they were. */
__attribute__((noinline)) static unsigned deep(int kilobytes, bool stop) {
    volatile unsigned char frame[1024];
    frame[0] = kilobytes & 0xff;
    frame[1023] = kilobytes >> 8;
    unsigned sum = 0;
    if (kilobytes > 0) {
        sum = deep(kilobytes - 1, stop);
    } else if (stop) {
        checkpoint();
    }
    CHECK(frame[0] == (kilobytes & 0xff));
    CHECK(frame[1023] == kilobytes >> 8);
    return sum + 1;
}

GUEST("the stack grows as deep as it is used, and every frame is kept") {
    EQ(deep(1000, true), 1001);
    EQ(deep(4000, false), 4001);
}
