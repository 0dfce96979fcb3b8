#include "guest.h"

GUEST("mremap grows, moves and shrinks an area with what is in it") {
    unsigned char *room = SYS(mmap(NULL, 64 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    unsigned char *memory = guest_pages(4);
    guest_fill(memory, 4 * PAGE, 1);
    unsigned char *moved = SYS(mremap(memory, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room));
    CHECK(moved == room);
    CHECK(guest_filled(moved, 4 * PAGE, 1));
    EQ(moved[6 * PAGE], 0);
    checkpoint();
    CHECK(guest_filled(moved, 4 * PAGE, 1));
    unsigned char *wider =
        SYS(mremap(moved, 8 * PAGE, 16 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room + 32 * PAGE));
    CHECK(guest_filled(wider, 4 * PAGE, 1));
    CHECK(SYS(mremap(wider, 16 * PAGE, 2 * PAGE, 0)) == wider);
    CHECK(guest_filled(wider, 2 * PAGE, 1));
    unsigned char resident[16];
    FAILS(ENOMEM, mincore(wider + 2 * PAGE, PAGE, resident));
    FAILS(ENOMEM, mincore(room, PAGE, resident));
    FAILS(EFAULT, mremap(room, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
    FAILS(EINVAL, mremap(wider, PAGE, 2 * PAGE, 1 << 20));
}
