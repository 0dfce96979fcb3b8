#include "callsite.h"

/* mov eax, number; jmp to the call of another site */
static unsigned char *make_jump(unsigned char *code, int number, const unsigned char *site) {
    int distance = (int)(site + SITE_CALL - (code + 10));
    code[0] = 0xb8;
    memcpy(code + 1, &number, 4);
    code[5] = 0xe9;
    memcpy(code + 6, &distance, 4);
    return code;
}

GUEST("a jump to a call site's second instruction makes the call that it asks for") {
    unsigned char *code = guest_pages(1);
    site_write(code, SYS_getpid);
    unsigned char *jump = make_jump(code + 64, SYS_getppid, code);
    // In one instruction with the number as an operand: mov r8d, 39; syscall
    unsigned char *wide = code + 128;
    memcpy(wide, "\x90\x41\xb8\x27\x00\x00\x00\x0f\x05\xc3", 10);
    site_seal(code);
    for (int i = 0; i < 3; i++) {
        site_often(code, getpid());
        site_often(jump, getppid());
        for (int k = 0; k < SITE_OFTEN; k++) {
            long result, eighth;
            __asm__ volatile(
                "sub $128, %%rsp; call *%[code]; add $128, %%rsp; mov %%r8, %[eighth]"
                : "=a"(result), [eighth] "=r"(eighth)
                : [code] "b"(wide), "a"(SYS_getpid)
                : "rcx", "r8", "r11", "memory", "cc");
            EQ(result, getpid());
            EQ(eighth, 39);
        }
        if (i == 1) {
            checkpoint();
        }
    }
}
