#include <sys/uio.h>

#include "guest.h"

/* A buffer that ends at an unmapped page: calls copy what they can, or say EFAULT. */
static void look(unsigned char *edge) {
    int ends[2];
    char text[16];
    SYS(pipe(ends));
    FAILS(EFAULT, write(ends[1], edge, 4));
    FAILS(EFAULT, pipe((int *)edge));
    EQ(write(ends[1], "abcdefgh", 8), 8);
    FAILS(EFAULT, read(ends[0], edge, 4));
    struct iovec pieces[] = {{text, 4}, {text + 4, 4}};
    EQ(readv(ends[0], pieces, 2), 8);
    CHECK(memcmp(text, "abcdefgh", 8) == 0);
    FAILS(EFAULT, open((char *)edge, O_RDONLY));
    memcpy(edge - 3, "xyz", 3);
    FAILS(EFAULT, open((char *)edge - 3, O_RDONLY)); // no end before the edge
    SYS(close(ends[0]));
    SYS(close(ends[1]));
}

GUEST("a call whose buffer is not mapped fails with EFAULT and harms nobody") {
    unsigned char *memory = guest_pages(2);
    SYS(munmap(memory + PAGE, PAGE));
    look(memory + PAGE);
    checkpoint();
    look(memory + PAGE);
    memory[0] = 1;
}
