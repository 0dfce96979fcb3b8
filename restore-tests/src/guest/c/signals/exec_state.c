#include "guest.h"

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
}

int guest_helper(int argc, char **argv) {
    struct sigaction action;
    sigset_t set;
    (void)argv;
    EQ(argc, 2);
    SYS(sigaction(SIGUSR1, NULL, &action));
    CHECK(action.sa_handler == SIG_DFL);
    SYS(sigaction(SIGUSR2, NULL, &action));
    CHECK(action.sa_handler == SIG_IGN);
    SYS(sigprocmask(SIG_BLOCK, NULL, &set));
    EQ(sigismember(&set, SIGHUP), 1);
    EQ(sigismember(&set, SIGUSR1), 0);
    SYS(sigpending(&set));
    EQ(sigismember(&set, SIGHUP), 1);
    stack_t stack;
    SYS(sigaltstack(NULL, &stack));
    EQ(stack.ss_flags, SS_DISABLE);
    return 0;
}

static void child(void *gate) {
    guest_handler(SIGUSR1, handler, 0);
    signal(SIGUSR2, SIG_IGN);
    SYS(sigaltstack(&(stack_t){.ss_sp = guest_pages(16), .ss_size = 16 * PAGE}, NULL));
    guest_block(SIGHUP);
    SYS(kill(getpid(), SIGHUP));
    gate_pass(gate);
    SYS(execl(guest_path(), guest_path(), "helper", NULL));
}

GUEST("execve resets handlers, keeps ignored, blocked and pending signals") {
    struct gate go;
    gate_make(&go);
    pid_t pid = guest_child(child, &go);
    guest_settle();
    checkpoint();
    gate_open(&go);
    REAP(pid);
}
