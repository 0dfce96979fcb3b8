#include "callsite.h"

static void child(void *argument) {
    site_often(argument, getpid());
    SYS(mprotect(argument, PAGE, PROT_READ | PROT_WRITE));
    site_write(argument, SYS_getppid);
    site_seal(argument);
    site_often(argument, getppid());
}

static void expect_plain(const unsigned char *code, int number) {
    unsigned char plain[SITE_BYTES];
    site_write(plain, number);
    CHECK(memcmp(code, plain, SITE_BYTES) == 0);
}

GUEST("a program changes, moves and replaces code that it has run often") {
    unsigned char *code = site_page(SYS_getpid);
    site_often(code, getpid());
    pid_t pid = guest_child(child, code);
    checkpoint();
    REAP(pid);
    site_often(code, getpid());

    // Writable, it is as it was written; one byte of it is changed.
    SYS(mprotect(code, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
    expect_plain(code, SYS_getpid);
    code[SITE_MOVE + 1] = SYS_getppid;
    site_often(code, getppid());
    site_seal(code);
    site_often(code, getppid());
    SYS(mprotect(code, PAGE, PROT_READ));
    expect_plain(code, SYS_getppid);
    site_seal(code);
    site_often(code, getppid());

    // Moved.
    unsigned char *there = guest_pages(1);
    CHECK(mremap(code, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, there) == there);
    FAILS(ENOMEM, mprotect(code, PAGE, PROT_READ));
    site_often(there, getppid());

    // Gone, and something else is there.
    SYS(mmap(there, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    site_write(there + 1, SYS_getpid);
    site_seal(there);
    site_often(there + 1, getpid());
    SYS(munmap(there, PAGE));
    SYS(mmap(there, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    memcpy(there, "\xb8\x07\x00\x00\x00\xc3", 6); // mov eax, 7; ret
    site_seal(there);
    site_often(there, 7);

    // Zeros, and then the code again.
    SYS(mprotect(there, PAGE, PROT_READ | PROT_WRITE));
    site_write(there, SYS_getpid);
    site_seal(there);
    site_often(there, getpid());
    SYS(madvise(there, PAGE, MADV_DONTNEED));
    EQ(there[SITE_CALL], 0);
    SYS(mprotect(there, PAGE, PROT_READ | PROT_WRITE));
    site_write(there, SYS_getpid);
    site_seal(there);
    site_often(there, getpid());
}
