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

static void beyond_end(volatile unsigned char *byte) {
    if (sigsetjmp(back, 1) == 0) {
        (void)*byte;
        CHECK(!"no signal");
    }
    EQ(fault.si_signo, SIGBUS);
    EQ(fault.si_code, BUS_ADRERR);
    CHECK(fault.si_addr == (void *)byte);
}

GUEST("touching a mapped file beyond its end raises SIGBUS; after it has grown there is data") {
    guest_handler(SIGBUS, on_fault, 0);
    int fd = SYS(open("file", O_RDWR | O_CREAT, 0644));
    EQ(write(fd, "abc", 3), 3);
    volatile unsigned char *memory =
        SYS(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    EQ(memory[2], 'c');
    EQ(memory[3], 0);
    beyond_end(memory + PAGE);
    SYS(ftruncate(fd, 2 * PAGE));
    memory[PAGE + 1] = 'x';
    checkpoint();
    EQ(memory[PAGE + 1], 'x');
    beyond_end(memory + 2 * PAGE + 7);
    SYS(ftruncate(fd, PAGE));
    beyond_end(memory + PAGE + 1);
    SYS(ftruncate(fd, 4 * PAGE));
    EQ(memory[PAGE + 1], 0);
    EQ(memory[3 * PAGE], 0);
}
