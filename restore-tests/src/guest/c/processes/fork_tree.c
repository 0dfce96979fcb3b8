#include "guest.h"

#define DEPTH 4

static struct gate ready, go;
static volatile int *count;

/* A process with two children, each with two, down to the depth. */
static void node(int level) {
    pid_t pids[2], parent = getppid(), self = getpid();
    for (int i = 0; level > 0 && i < 2; i++) {
        pids[i] = SYS(fork());
        if (pids[i] == 0) {
            node(level - 1);
            _exit(level);
        }
    }
    __sync_fetch_and_add(count, 1);
    gate_open(&ready);
    gate_pass(&go);
    EQ(getpid(), self);
    EQ(getppid(), parent);
    for (int i = 0; level > 0 && i < 2; i++) {
        int status = guest_status(pids[i]);
        CHECK(WIFEXITED(status));
        EQ(WEXITSTATUS(status), level);
    }
    FAILS(ECHILD, wait(NULL));
}

GUEST("a tree of processes keeps numbers, parents and children") {
    int nodes = (2 << DEPTH) - 1;
    gate_make(&ready);
    gate_make(&go);
    count = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    pid_t root = SYS(fork());
    if (root == 0) {
        node(DEPTH);
        _exit(0);
    }
    for (int i = 0; i < nodes; i++) {
        gate_pass(&ready);
    }
    checkpoint();
    EQ(*count, nodes);
    for (int i = 0; i < nodes; i++) {
        gate_open(&go);
    }
    REAP(root);
}
