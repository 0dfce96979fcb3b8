#include "guest.h"

#define SIZE 65536

static unsigned char *stack;
static volatile int calls;

static void on_signal(int signal, siginfo_t *info, void *context) {
    unsigned char here;
    stack_t now;
    (void)signal;
    (void)info;
    (void)context;
    CHECK(&here > stack && &here < stack + SIZE);
    SYS(sigaltstack(NULL, &now));
    EQ(now.ss_flags, SS_ONSTACK);
    FAILS(EPERM, sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL));
    calls++;
}

static void look(void) {
    stack_t now;
    SYS(sigaltstack(NULL, &now));
    CHECK(now.ss_sp == stack);
    EQ(now.ss_size, SIZE);
    EQ(now.ss_flags, 0);
    int before = calls;
    SYS(raise(SIGUSR1));
    EQ(calls, before + 1);
}

GUEST("a handler runs on the alternate stack") {
    stack = guest_pages(SIZE / PAGE);
    SYS(sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = SIZE}, NULL));
    guest_handler(SIGUSR1, on_signal, SA_ONSTACK);
    look();
    checkpoint();
    look();
    SYS(sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL));
    stack_t now;
    SYS(sigaltstack(NULL, &now));
    EQ(now.ss_flags, SS_DISABLE);
}
