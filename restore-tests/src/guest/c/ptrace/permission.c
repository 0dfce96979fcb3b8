#include "tracee.h"

static struct gate ready;

static void body(void *unused) {
    (void)unused;
    gate_open(&ready);
    for (;;) {
        pause();
    }
}

static void other(void *victim) {
    pid_t pid = *(pid_t *)victim;
    SYS(setgid(1234));
    SYS(setuid(1234));
    FAILS(EPERM, ptrace(PTRACE_ATTACH, pid, NULL, NULL));
    FAILS(EPERM, ptrace(PTRACE_SEIZE, pid, NULL, NULL));
    char byte;
    struct iovec local = {&byte, 1};
    struct iovec remote = {&byte, 1};
    FAILS(EPERM, process_vm_readv(pid, &local, 1, &remote, 1, 0));
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    FAILS(EACCES, open(path, O_RDONLY));
}

GUEST("only who may signal a process and more may trace it") {
    gate_make(&ready);
    pid_t pid = guest_child(body, NULL);
    gate_pass(&ready);
    pid_t weak = guest_child(other, &pid);
    REAP(weak);
    checkpoint();
    SYS(ptrace(PTRACE_SEIZE, pid, NULL, NULL));
    SYS(ptrace(PTRACE_KILL, pid, NULL, NULL));
    EQ(guest_status(pid), SIGKILL);
    FAILS(ESRCH, ptrace(PTRACE_ATTACH, pid, NULL, NULL));
}
