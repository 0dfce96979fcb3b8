#include "guest.h"

static struct gate forth, back;
static volatile int *number;

static void child(void *unused) {
    (void)unused;
    gate_pass(&forth);
    EQ(number[0], 7);
    number[1024] = 8;
    gate_open(&back);
}

GUEST("shared anonymous memory stays shared between parent and child") {
    gate_make(&forth);
    gate_make(&back);
    number = SYS(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    pid_t pid = guest_child(child, NULL);
    number[0] = 6;
    guest_settle();
    checkpoint();
    EQ(number[0], 6);
    number[0] = 7;
    gate_open(&forth);
    gate_pass(&back);
    EQ(number[1024], 8);
    REAP(pid);
}
