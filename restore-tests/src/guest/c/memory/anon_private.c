#include "guest.h"

GUEST("private anonymous memory keeps what was written; what was not is zero") {
    unsigned char *memory = guest_pages(64);
    guest_fill(memory + 3 * PAGE, 5 * PAGE, 1);
    guest_fill(memory + 40 * PAGE + 17, 2 * PAGE, 2);
    checkpoint();
    CHECK(guest_filled(memory + 3 * PAGE, 5 * PAGE, 1));
    CHECK(guest_filled(memory + 40 * PAGE + 17, 2 * PAGE, 2));
    for (size_t i = 8 * PAGE; i < 40 * PAGE; i += 512) {
        EQ(memory[i], 0);
    }
    guest_fill(memory, 64 * PAGE, 3);
    CHECK(guest_filled(memory, 64 * PAGE, 3));
}
