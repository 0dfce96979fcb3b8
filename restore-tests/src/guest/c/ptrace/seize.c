#include "tracee.h"

static volatile long *turns;

static void body(void *unused) {
    (void)unused;
    for (;;) {
        (*turns)++;
        guest_sleep(MILLISECOND);
    }
}

static void until_more(void) {
    long before = *turns;
    while (*turns <= before + 2) {
        guest_sleep(MILLISECOND);
    }
}

GUEST("a seized tracee is interrupted, and hears of stops of its process as a tracer lets it") {
    turns = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    pid_t pid = guest_child(body, NULL);
    FAILS(EIO, ptrace(PTRACE_SEIZE, pid, 1L, 0L));
    SYS(ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACESYSGOOD));
    until_more(); // it is not stopped
    SYS(ptrace(PTRACE_INTERRUPT, pid, NULL, NULL));
    EQ(tracee_stop(pid), SIGTRAP | PTRACE_EVENT_STOP << 8);
    tracee_go(PTRACE_CONT, pid, 0);
    until_more();

    SYS(kill(pid, SIGSTOP));
    EQ(tracee_stop(pid), SIGSTOP);
    EQ(tracee_next(PTRACE_CONT, pid, SIGSTOP), SIGSTOP | PTRACE_EVENT_STOP << 8);
    EQ(tracee_information(pid).si_code, SIGSTOP | PTRACE_EVENT_STOP << 8);
    SYS(ptrace(PTRACE_LISTEN, pid, NULL, NULL));
    long before = *turns;
    checkpoint();
    guest_settle();
    EQ(*turns, before);
    EQ(waitpid(pid, NULL, WNOHANG | __WALL), 0);
    SYS(kill(pid, SIGCONT));
    EQ(tracee_stop(pid), SIGTRAP | PTRACE_EVENT_STOP << 8);
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGCONT);
    tracee_go(PTRACE_CONT, pid, 0);
    until_more();
    SYS(ptrace(PTRACE_INTERRUPT, pid, NULL, NULL));
    EQ(tracee_stop(pid), SIGTRAP | PTRACE_EVENT_STOP << 8);
    tracee_go(PTRACE_DETACH, pid, 0);
    until_more();
    SYS(kill(pid, SIGKILL));
    EQ(guest_status(pid), SIGKILL);
}
