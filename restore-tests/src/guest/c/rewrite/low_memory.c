#include "callsite.h"

/* All that lies below programs, and all below 2 GB where a rewritten site could lead. */
static void expect_free(unsigned long from, unsigned long to) {
    char *text = strdup(guest_read_file("/proc/self/maps"));
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        unsigned long start = strtoul(line, NULL, 16);
        CHECK(start < from || start >= to);
    }
    free(text);
}

static void take(unsigned long address, int flags) {
    void *place = (void *)address;
    CHECK(mmap(place, 0x10000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0) == place);
    guest_fill(place, 0x10000, 7);
}

static void child(void *argument) {
    take(0x60000, MAP_FIXED);
    site_often(argument, getpid());
    CHECK(guest_filled((void *)0x60000, 0x10000, 7));
}

GUEST("the addresses below programs are the guest's, and free") {
    unsigned char *code = site_page(SYS_getpid);
    site_often(code, getpid());
    expect_free(0x10000, 0x400000);
    REAP(guest_child(child, code));
    SYS(munmap((void *)0x20000, 0x10000));
    site_often(code, getpid());
    checkpoint();
    site_often(code, getpid());
    take(0x60000, MAP_FIXED_NOREPLACE);
    site_often(code, getpid());
    take(0x7f060000, MAP_FIXED_NOREPLACE);
    site_often(code, getpid());
    CHECK(guest_filled((void *)0x60000, 0x10000, 7));
}
