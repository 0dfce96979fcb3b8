#include "guest.h"

#define SIZE (8L << 30)

GUEST("a big reservation costs nothing, and the few pages in use are kept") {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    unsigned char *memory = SYS(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, -1, 0));
    unsigned char *reserved = SYS(mmap(NULL, SIZE, PROT_NONE, flags, -1, 0));
    for (int i = 0; i < 32; i++) {
        guest_fill(memory + i * (SIZE / 32), PAGE, i);
    }
    checkpoint();
    for (int i = 0; i < 32; i++) {
        CHECK(guest_filled(memory + i * (SIZE / 32), PAGE, i));
        EQ(memory[i * (SIZE / 32) + PAGE], 0);
    }
    memory[SIZE - 1] = 1;
    EQ(memory[SIZE - 1], 1);
    SYS(mprotect(reserved + SIZE / 2, PAGE, PROT_READ | PROT_WRITE));
    reserved[SIZE / 2] = 1;
    SYS(munmap(memory, SIZE));
    SYS(munmap(reserved, SIZE));
}
