#include "guest.h"

#define PIPES 90

GUEST("many pipes keep their contents apart") {
    int ends[PIPES][2];
    char text[32], expected[32];
    for (int i = 0; i < PIPES; i++) {
        SYS(pipe(ends[i]));
        int length = snprintf(text, sizeof text, "pipe %d", i);
        EQ(write(ends[i][1], text, length), length);
        if (i % 3 == 0) {
            SYS(close(ends[i][1]));
        }
    }
    checkpoint();
    for (int i = PIPES - 1; i >= 0; i--) {
        int length = snprintf(expected, sizeof expected, "pipe %d", i);
        EQ(read(ends[i][0], text, sizeof text), length);
        CHECK(memcmp(text, expected, length) == 0);
        if (i % 3 == 0) {
            EQ(read(ends[i][0], text, 1), 0);
        } else {
            EQ(write(ends[i][1], "z", 1), 1);
            EQ(read(ends[i][0], text, 1), 1);
        }
    }
}
