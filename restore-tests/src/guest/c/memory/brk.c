#include "guest.h"

/* The raw call: the new break, or the old one when it cannot be moved. */
static unsigned char *set_break(void *end) {
    return (unsigned char *)syscall(SYS_brk, end);
}

GUEST("the heap's end stays where it was, and can be moved up and down from there") {
    unsigned char *start = set_break(NULL);
    unsigned char *page = (unsigned char *)(((uintptr_t)start + PAGE - 1) & -PAGE);
    CHECK(set_break(page + 16 * PAGE) == page + 16 * PAGE);
    guest_fill(page, 16 * PAGE, 1);
    checkpoint();
    CHECK(set_break(NULL) == page + 16 * PAGE);
    CHECK(guest_filled(page, 16 * PAGE, 1));
    CHECK(set_break(page + 32 * PAGE) == page + 32 * PAGE);
    EQ(page[20 * PAGE], 0);
    guest_fill(page + 16 * PAGE, 16 * PAGE, 2);
    CHECK(set_break(page + 8 * PAGE) == page + 8 * PAGE);
    CHECK(set_break(page + 16 * PAGE) == page + 16 * PAGE);
    CHECK(guest_filled(page, 8 * PAGE, 1));
    EQ(page[8 * PAGE], 0); // given back and taken anew
    EQ(page[15 * PAGE], 0);
}
