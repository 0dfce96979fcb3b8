#include "filters.h"

static void *victim(void *unused) {
    (void)unused;
    syscall(SYS_getsid, 0);
    _exit(3); // not reached
}

/* Ends as the filter's answer has it, called in a second thread or in the only one. */
static int end(unsigned answer, bool second, struct gate *ready, struct gate *go) {
    no_new_privileges();
    FILTER_CALL(SYS_getsid, answer);
    gate_open(ready);
    gate_pass(go);
    if (!second) {
        victim(NULL);
    }
    pthread_t thread;
    PTHREAD(pthread_create(&thread, NULL, victim, NULL));
    PTHREAD(pthread_join(thread, NULL));
    return 5;
}

struct kill {
    unsigned answer;
    bool second;
    int status;
    pid_t pid;
    struct gate go;
};

GUEST("filters end a thread or the process with SIGSYS") {
    struct kill kills[] = {
        {SECCOMP_RET_KILL_PROCESS, false, SIGSYS, 0, {{0}}},
        {SECCOMP_RET_KILL_PROCESS, true, SIGSYS, 0, {{0}}},
        {SECCOMP_RET_KILL_THREAD, false, SIGSYS, 0, {{0}}},
        {SECCOMP_RET_KILL_THREAD, true, 5 << 8, 0, {{0}}},
        {0x12340000, false, SIGSYS, 0, {{0}}}, // unknown answers are the strictest
        {SECCOMP_RET_TRAP, true, SIGSYS, 0, {{0}}}, // nobody handles the signal
    };
    int count = sizeof kills / sizeof kills[0];
    struct gate ready;
    gate_make(&ready);
    for (int i = 0; i < count; i++) {
        struct kill *each = &kills[i];
        gate_make(&each->go);
        each->pid = SYS(fork());
        if (each->pid == 0) {
            _exit(end(each->answer, each->second, &ready, &each->go));
        }
        gate_pass(&ready);
    }
    checkpoint();
    for (int i = 0; i < count; i++) {
        gate_open(&kills[i].go);
        EQ(guest_status(kills[i].pid) & ~0x80, kills[i].status);
    }
}
