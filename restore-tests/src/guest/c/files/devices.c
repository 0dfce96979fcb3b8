#include "guest.h"

GUEST("the memory devices work, opened before or after") {
    unsigned char bytes[64];
    int null = SYS(open("/dev/null", O_RDWR)), zero = SYS(open("/dev/zero", O_RDWR));
    int full = SYS(open("/dev/full", O_RDWR)), random = SYS(open("/dev/urandom", O_RDONLY));
    unsigned char *memory = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0));
    memory[5] = 5;
    checkpoint();
    EQ(memory[5], 5);
    EQ(memory[6], 0);
    EQ(read(null, bytes, 64), 0);
    EQ(write(null, bytes, 64), 64);
    memset(bytes, 1, 64);
    EQ(read(zero, bytes, 64), 64);
    EQ(bytes[63], 0);
    FAILS(ENOSPC, write(full, bytes, 1));
    EQ(read(random, bytes, 64), 64);
    int nonzero = 0;
    for (int i = 0; i < 64; i++) {
        nonzero += bytes[i] != 0;
    }
    CHECK(nonzero > 32);
    SYS(close(SYS(open("/dev/null", O_WRONLY | O_TRUNC))));
}
