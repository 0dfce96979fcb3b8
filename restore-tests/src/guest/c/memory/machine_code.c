#include "guest.h"

/* mov eax, number; ret */
static void write_code(unsigned char *memory, int number) {
    memory[0] = 0xb8;
    memcpy(memory + 1, &number, 4);
    memory[5] = 0xc3;
}

static int run(const unsigned char *memory) {
    int (*function)(void);
    memcpy(&function, &memory, sizeof function);
    return function();
}

GUEST("code that a program writes itself runs, also after it was changed") {
    unsigned char *memory = guest_pages(1);
    write_code(memory, 1);
    SYS(mprotect(memory, PAGE, PROT_READ | PROT_EXEC));
    EQ(run(memory), 1);
    checkpoint();
    EQ(run(memory), 1);
    SYS(mprotect(memory, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
    write_code(memory, 2);
    EQ(run(memory), 2);
}
