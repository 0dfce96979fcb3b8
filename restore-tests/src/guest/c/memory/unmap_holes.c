#include "guest.h"

#define PAGES 100

/* Every third page is gone. */
static void look(unsigned char *memory) {
    unsigned char resident;
    for (int i = 0; i < PAGES; i++) {
        if (i % 3 == 1) {
            FAILS(ENOMEM, mincore(memory + i * PAGE, PAGE, &resident));
        } else {
            CHECK(guest_filled(memory + i * PAGE, PAGE, i));
        }
    }
}

GUEST("holes made by munmap are still holes, and can be filled again") {
    unsigned char *memory = guest_pages(PAGES);
    for (int i = 0; i < PAGES; i++) {
        guest_fill(memory + i * PAGE, PAGE, i);
    }
    for (int i = 1; i < PAGES; i += 3) {
        SYS(munmap(memory + i * PAGE, PAGE));
    }
    look(memory);
    checkpoint();
    look(memory);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    unsigned char *hole = memory + 4 * PAGE;
    CHECK(SYS(mmap(hole, PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED_NOREPLACE, -1, 0)) == hole);
    EQ(hole[0], 0);
    FAILS(EEXIST, mmap(hole, PAGE, PROT_READ, flags | MAP_FIXED_NOREPLACE, -1, 0));
    CHECK(SYS(mmap(memory, 10 * PAGE, PROT_READ, flags | MAP_FIXED, -1, 0)) == memory);
    EQ(memory[0], 0);
    EQ(memory[9 * PAGE], 0);
    CHECK(guest_filled(memory + 11 * PAGE, PAGE, 11));
}
