#include "guest.h"

GUEST("a pipe in packet mode keeps its packets apart") {
    int ends[2];
    char text[16];
    SYS(pipe2(ends, O_DIRECT));
    EQ(write(ends[1], "abc", 3), 3);
    EQ(write(ends[1], "defgh", 5), 5);
    EQ(write(ends[1], "ij", 2), 2);
    checkpoint();
    EQ(read(ends[0], text, sizeof text), 3);
    EQ(read(ends[0], text, 2), 2); // the rest of a packet is dropped
    EQ(read(ends[0], text, sizeof text), 2);
    CHECK(memcmp(text, "ij", 2) == 0);
}
