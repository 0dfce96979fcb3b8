#include "guest.h"

#include <sys/mman.h>

#define MIB (1ul << 20)
#define LOW_START 0x40000000ul
#define LOW_END 0x80000000ul

static unsigned long map_low(unsigned long hint, size_t bytes) {
    void *at = mmap((void *)hint, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    CHECK(at != MAP_FAILED);
    *(volatile char *)at = 1;
    return (unsigned long)at;
}

/* As runtimes ask for it that keep pointers in 32 bits. */
GUEST("MAP_32BIT takes a hint that fits, else the second GiB") {
    EQ(map_low(0x50000000, MIB), 0x50000000);
    EQ(map_low(0x30000000, MIB), 0x30000000);
    unsigned long taken = map_low(0x50000000, MIB);
    CHECK(taken != 0x50000000 && taken >= LOW_START && taken + MIB <= LOW_END);
    unsigned long beyond = map_low(LOW_END, MIB);
    CHECK(beyond >= LOW_START && beyond + MIB <= LOW_END);
    checkpoint();
    CHECK(*(volatile char *)0x50000000 == 1);
    EQ(map_low(0x50000000 + 2 * MIB, MIB), 0x50000000 + 2 * MIB);
    FAILS(ENOMEM, (long)mmap(NULL, LOW_END, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0));
}
