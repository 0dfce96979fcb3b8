#include <setjmp.h>

#include "guest.h"

static sigjmp_buf back;
static volatile siginfo_t fault;

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    fault = *info;
    siglongjmp(back, 1);
}

/* True when touching the byte raises SIGSEGV for it. */
static bool faults(volatile unsigned char *byte, bool write, int code) {
    if (sigsetjmp(back, 1) == 0) {
        if (write) {
            *byte = 1;
        } else {
            (void)*byte;
        }
        return false;
    }
    EQ(fault.si_signo, SIGSEGV);
    EQ(fault.si_code, code);
    CHECK(fault.si_addr == (void *)byte);
    return true;
}

static void look(unsigned char *memory) {
    CHECK(!faults(memory, false, 0));
    CHECK(!faults(memory, true, 0));
    CHECK(!faults(memory + PAGE, false, 0));
    CHECK(faults(memory + PAGE + 5, true, SEGV_ACCERR));
    CHECK(faults(memory + 2 * PAGE, false, SEGV_ACCERR));
    CHECK(faults(memory + 3 * PAGE - 1, true, SEGV_ACCERR));
    CHECK(faults(memory + 3 * PAGE, false, SEGV_MAPERR));
    CHECK(faults(memory + 4 * PAGE - 1, true, SEGV_MAPERR));
}

GUEST("protection is kept, and a fault tells address and reason") {
    guest_handler(SIGSEGV, on_fault, 0);
    unsigned char *memory = guest_pages(4);
    guest_fill(memory, 4 * PAGE, 1);
    SYS(mprotect(memory + PAGE, PAGE, PROT_READ));
    SYS(mprotect(memory + 2 * PAGE, PAGE, PROT_NONE));
    SYS(munmap(memory + 3 * PAGE, PAGE));
    look(memory);
    checkpoint();
    look(memory);
    SYS(mprotect(memory + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE));
    CHECK(!faults(memory + PAGE, true, 0));
    CHECK(!faults(memory + 2 * PAGE, true, 0));
}
