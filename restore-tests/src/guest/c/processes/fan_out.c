#include "guest.h"

#define PROCESSES 100

static struct gate go;

static void child(void *number) {
    gate_pass(&go);
    _exit((int)(long)number % 50);
}

GUEST("a hundred children at once, all waited for") {
    static pid_t pids[PROCESSES];
    gate_make(&go);
    for (long i = 0; i < PROCESSES; i++) {
        pids[i] = guest_child(child, (void *)i);
    }
    checkpoint();
    for (int i = 0; i < PROCESSES; i++) {
        gate_open(&go);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        pid_t pid = SYS(wait(&status));
        int index = 0;
        while (index < PROCESSES && pids[index] != pid) {
            index++;
        }
        CHECK(index < PROCESSES);
        pids[index] = -1;
        CHECK(WIFEXITED(status));
        EQ(WEXITSTATUS(status), index % 50);
    }
    FAILS(ECHILD, wait(NULL));
}
