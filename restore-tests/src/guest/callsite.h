/*
 * Code made at run time that calls the kernel by `mov eax, number; syscall`, the shape of call site that the sandbox
 * rewrites once it has been used some fifty times.
 */
#ifndef CALLSITE_H
#define CALLSITE_H

#include "guest.h"

/* Calls after which a site is surely rewritten, if it ever is. */
#define SITE_OFTEN 200

/* nop nop nop; mov eax, number; syscall; ret */
#define SITE_BYTES 11
#define SITE_MOVE 3
#define SITE_CALL 8
#define SITE_BEHIND 10

static inline void site_write(unsigned char *code, int number) {
    memcpy(code, "\x90\x90\x90\xb8", 4);
    memcpy(code + 4, &number, 4);
    memcpy(code + SITE_CALL, "\x0f\x05\xc3", 3);
}

/* Makes code that was written runnable, and no longer writable. */
static inline void site_seal(void *code) {
    SYS(mprotect(code, PAGE, PROT_READ | PROT_EXEC));
}

static inline unsigned char *site_page(int number) {
    unsigned char *code = guest_pages(1);
    site_write(code, number);
    site_seal(code);
    return code;
}

/* Calls it with two arguments; every register that a call may not change is checked by the compiler's use of them. */
static inline long site_run(const void *code, long first, long second, long third) {
    long result;
    __asm__ volatile("sub $128, %%rsp; call *%[code]; add $128, %%rsp"
                     : "=a"(result)
                     : [code] "b"(code), "D"(first), "S"(second), "d"(third), "a"(-1L)
                     : "rcx", "r11", "memory", "cc");
    return result;
}

static inline void site_often(const void *code, long expected) {
    for (int i = 0; i < SITE_OFTEN; i++) {
        EQ(site_run(code, 0, 0, 0), expected);
    }
}

#endif
