#include "guest.h"

#define AREAS 2000

GUEST("thousands of small areas are kept one by one") {
    unsigned char *memory = guest_pages(AREAS);
    for (int i = 0; i < AREAS; i++) {
        memory[i * PAGE + i % PAGE] = i % 251 + 1;
        if (i % 2 == 0) {
            SYS(mprotect(memory + i * PAGE, PAGE, PROT_READ));
        }
    }
    checkpoint();
    for (int i = 0; i < AREAS; i++) {
        EQ(memory[i * PAGE + i % PAGE], i % 251 + 1);
    }
    SYS(mprotect(memory, AREAS * PAGE, PROT_READ | PROT_WRITE)); // all one area again
    guest_fill(memory, AREAS * PAGE, 1);
    CHECK(guest_filled(memory, AREAS * PAGE, 1));
}
