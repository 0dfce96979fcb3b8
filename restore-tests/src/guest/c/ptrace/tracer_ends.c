#include "tracee.h"

static volatile long *turns;
static struct gate attached, go;

static void body(void *place) {
    long *own = place;
    for (;;) {
        __atomic_add_fetch(own, 1, __ATOMIC_SEQ_CST);
        guest_sleep(MILLISECOND);
    }
}

static pid_t victims[2];

static void tracer(void *unused) {
    (void)unused;
    for (int i = 0; i < 2; i++) {
        SYS(ptrace(PTRACE_SEIZE, victims[i], NULL, i == 0 ? 0L : PTRACE_O_EXITKILL));
        SYS(ptrace(PTRACE_INTERRUPT, victims[i], NULL, NULL));
        EQ(tracee_stop(victims[i]), SIGTRAP | PTRACE_EVENT_STOP << 8);
    }
    gate_open(&attached);
    gate_pass(&go);
}

GUEST("when a tracer ends its tracees are free, or killed if it wanted so") {
    turns = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    gate_make(&attached);
    gate_make(&go);
    for (int i = 0; i < 2; i++) {
        victims[i] = guest_child(body, (void *)&turns[i]);
    }
    pid_t by = guest_child(tracer, NULL);
    gate_pass(&attached);
    EQ(atoi(tracee_status(victims[0], "TracerPid")), by);
    EQ(waitpid(victims[0], NULL, WNOHANG | WUNTRACED), 0); // not the parent's to see
    long before = turns[0];
    checkpoint();
    guest_settle();
    EQ(turns[0], before);
    SYS(kill(by, SIGKILL));
    EQ(guest_status(by), SIGKILL);
    EQ(guest_status(victims[1]), SIGKILL);
    while (turns[0] == before) {
        guest_sleep(MILLISECOND);
    }
    EQ(atoi(tracee_status(victims[0], "TracerPid")), 0);
    SYS(kill(victims[0], SIGKILL));
    EQ(guest_status(victims[0]), SIGKILL);
}
