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

GUEST("a tracer attaches to a running process and lets it go again") {
    turns = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    pid_t pid = guest_child(body, NULL);
    until_more();
    FAILS(ESRCH, ptrace(PTRACE_CONT, pid, NULL, 0L)); // not a tracee
    FAILS(EPERM, ptrace(PTRACE_ATTACH, getpid(), NULL, NULL));
    SYS(ptrace(PTRACE_ATTACH, pid, NULL, NULL));
    EQ(tracee_stop(pid), SIGSTOP);
    EQ(waitpid(pid, NULL, WNOHANG | __WALL), 0); // told once
    EQ(atoi(tracee_status(pid, "TracerPid")), getpid());
    EQ(*tracee_status(pid, "State"), 't');
    FAILS(EPERM, ptrace(PTRACE_ATTACH, pid, NULL, NULL));
    long before = *turns;
    checkpoint();
    guest_settle();
    EQ(*turns, before);
    EQ(atoi(tracee_status(pid, "TracerPid")), getpid());
    tracee_go(PTRACE_CONT, pid, 0);
    until_more();
    FAILS(ESRCH, ptrace(PTRACE_DETACH, pid, NULL, 0L)); // not stopped
    SYS(kill(pid, SIGUSR1));
    EQ(tracee_stop(pid), SIGUSR1);
    tracee_go(PTRACE_DETACH, pid, 0); // and the signal is gone
    until_more();
    EQ(atoi(tracee_status(pid, "TracerPid")), 0);

    SYS(kill(pid, SIGSTOP)); // a stopped one stays stopped
    int status;
    EQ(SYS(waitpid(pid, &status, WUNTRACED)), pid);
    SYS(ptrace(PTRACE_ATTACH, pid, NULL, NULL));
    EQ(tracee_stop(pid), SIGSTOP);
    tracee_go(PTRACE_DETACH, pid, 0);
    while (*tracee_status(pid, "State") != 'T') {
        guest_sleep(MILLISECOND);
    }
    before = *turns;
    guest_settle();
    EQ(*turns, before);
    SYS(kill(pid, SIGCONT));
    until_more();
    SYS(ptrace(PTRACE_ATTACH, pid, NULL, NULL));
    EQ(tracee_stop(pid), SIGSTOP);
    tracee_go(PTRACE_DETACH, pid, SIGTERM);
    EQ(guest_status(pid), SIGTERM);
}
