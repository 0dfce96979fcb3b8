#include "guest.h"

static struct gate go;

static void *body(void *unused) {
    (void)unused;
    gate_pass(&go);
    exit(45);
}

static void child(void *unused) {
    pthread_t thread;
    (void)unused;
    PTHREAD(pthread_create(&thread, NULL, body, NULL));
    pthread_exit(NULL);
}

GUEST("a process whose first thread has ended lives until the last one ends") {
    gate_make(&go);
    pid_t pid = guest_child(child, NULL);
    guest_settle();
    checkpoint();
    EQ(waitpid(pid, NULL, WNOHANG), 0);
    SYS(kill(pid, 0));
    gate_open(&go);
    int status = guest_status(pid);
    CHECK(WIFEXITED(status));
    EQ(WEXITSTATUS(status), 45);
}
