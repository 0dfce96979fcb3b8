#include <sys/prctl.h>

#include "guest.h"

static struct gate ready, go, gone, end;

static void grandchild(void *unused) {
    pid_t parent = getppid();
    (void)unused;
    gate_open(&ready);
    gate_pass(&go);
    CHECK(getppid() != parent);
    gate_open(&gone);
    gate_pass(&end);
    _exit(71);
}

static void child(void *pid) {
    *(volatile pid_t *)pid = guest_child(grandchild, NULL);
    gate_pass(&ready);
}

GUEST("orphans go to the nearest subreaper, which is a parent to them") {
    gate_make(&ready);
    gate_make(&go);
    gate_make(&gone);
    gate_make(&end);
    volatile pid_t *pids = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    SYS(prctl(PR_SET_CHILD_SUBREAPER, 1));
    REAP(guest_child(child, (void *)&pids[0]));
    checkpoint();
    REAP(guest_child(child, (void *)&pids[1]));
    for (int i = 0; i < 2; i++) {
        EQ(waitpid(pids[i], NULL, WNOHANG), 0); // mine by now
        gate_open(&go);
    }
    for (int i = 0; i < 2; i++) {
        gate_pass(&gone);
    }
    for (int i = 0; i < 2; i++) {
        gate_open(&end);
    }
    for (int i = 0; i < 2; i++) {
        EQ(WEXITSTATUS(guest_status(pids[i])), 71);
    }
}
