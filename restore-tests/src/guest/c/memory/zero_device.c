#include "guest.h"

static void child(void *memory) {
    memcpy(memory, "child", 6);
}

GUEST("/dev/zero is mapped as anonymous memory, shared or private") {
    int zero = SYS(open("/dev/zero", O_RDWR)), reading = SYS(open("/dev/zero", O_RDONLY));
    char *shared = SYS(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, zero, 0));
    char *private = SYS(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, reading, 0));
    FAILS(EACCES, mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reading, 0));
    FAILS(ENODEV, mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, SYS(open("/dev/null", O_RDWR)), 0));
    SYS(close(zero));
    SYS(close(reading));
    guest_fill(private, 2 * PAGE, 5);
    EQ(shared[PAGE], 0);
    REAP(guest_child(child, private));
    CHECK(guest_filled(private, 2 * PAGE, 5));
    REAP(guest_child(child, shared));
    checkpoint();
    CHECK(strcmp(shared, "child") == 0);
    CHECK(guest_filled(private, 2 * PAGE, 5));
    REAP(guest_child(child, shared + PAGE));
    CHECK(strcmp(shared + PAGE, "child") == 0);
}
