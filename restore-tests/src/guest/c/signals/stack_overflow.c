#include <setjmp.h>
#include <sys/resource.h>

#include "guest.h"

static sigjmp_buf back;
static volatile int depth;

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)context;
    (void)info;
    EQ(signal, SIGSEGV);
    siglongjmp(back, 1);
}

__attribute__((noinline)) static int down(int level) {
    volatile char frame[4096];
    frame[level % 4096] = 1;
    depth = level;
    if (level == INT_MAX) { // never, but the compiler wants an end
        return 0;
    }
    return down(level + 1) + frame[level % 4096];
}

static void overflow(void) {
    if (sigsetjmp(back, 1) == 0) {
        CHECK(down(0) == 0);
    }
    CHECK(depth > 100);
    CHECK(depth < 300);
}

GUEST("the stack ends at its limit with SIGSEGV, handled on the alternate stack") {
    struct rlimit limit = {1 << 20, RLIM_INFINITY};
    SYS(setrlimit(RLIMIT_STACK, &limit));
    SYS(sigaltstack(&(stack_t){.ss_sp = guest_pages(16), .ss_size = 16 * PAGE}, NULL));
    guest_handler(SIGSEGV, on_fault, SA_ONSTACK);
    overflow();
    checkpoint();
    overflow();
}
