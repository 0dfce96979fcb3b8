#include "guest.h"

GUEST("a private mapping of a file keeps its own writes to itself") {
    unsigned char bytes[4 * PAGE];
    guest_fill(bytes, sizeof bytes, 1);
    int fd = SYS(open("file", O_RDWR | O_CREAT, 0644));
    EQ(write(fd, bytes, sizeof bytes), sizeof bytes);
    unsigned char *memory = SYS(mmap(NULL, sizeof bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
    unsigned char *tail = SYS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE));
    memory[PAGE] = 'x';
    memory[2 * PAGE] = 'y';
    SYS(close(fd));
    checkpoint();
    EQ(memory[PAGE], 'x');
    EQ(memory[2 * PAGE], 'y');
    CHECK(memcmp(memory, bytes, PAGE) == 0);
    CHECK(memcmp(memory + PAGE + 1, bytes + PAGE + 1, PAGE - 1) == 0);
    CHECK(memcmp(memory + 3 * PAGE, bytes + 3 * PAGE, PAGE) == 0);
    CHECK(memcmp(tail, bytes + 2 * PAGE, PAGE) == 0);
    memory[3 * PAGE] = 'z';
    unsigned char again[4 * PAGE];
    fd = SYS(open("file", O_RDONLY));
    EQ(read(fd, again, sizeof again), sizeof again);
    CHECK(memcmp(again, bytes, sizeof bytes) == 0);
}
