#include "guest.h"

static struct gate go;

int guest_helper(int argc, char **argv) {
    EQ(argc, 2);
    EQ(atoi(argv[1]), getpid());
    EQ(gettid(), getpid()); // the thread has become the leader
    return 44;
}

static void *execute(void *unused) {
    char number[16];
    (void)unused;
    CHECK(gettid() != getpid());
    snprintf(number, sizeof number, "%d", getpid());
    gate_pass(&go);
    SYS(execl(guest_path(), guest_path(), number, NULL));
    return NULL;
}

static _Noreturn void rest(void) {
    for (;;) {
        guest_sleep(SECOND);
    }
}

static void *wait_for_end(void *unused) {
    (void)unused;
    rest();
}

static void child(void *unused) {
    pthread_t threads[4];
    (void)unused;
    for (int i = 0; i < 3; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, wait_for_end, NULL));
    }
    PTHREAD(pthread_create(&threads[3], NULL, execute, NULL));
    rest();
}

GUEST("execve from a thread ends the others and keeps the process's number") {
    gate_make(&go);
    pid_t pid = guest_child(child, NULL);
    guest_settle();
    checkpoint();
    gate_open(&go);
    int status = guest_status(pid);
    CHECK(WIFEXITED(status));
    EQ(WEXITSTATUS(status), 44);
}
