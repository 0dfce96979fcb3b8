#include <sched.h>

#include "ipc.h"

static int id;
static struct gate ready, go;

static void takes(void *unused) {
    (void)unused;
    SYS(sem_change(id, 0, -3, SEM_UNDO));
    SYS(sem_change(id, 1, 2, SEM_UNDO));
    SYS(sem_change(id, 2, -1, SEM_UNDO));
    gate_open(&ready);
    gate_pass(&go);
}

static void *in_thread(void *unused) {
    (void)unused;
    SYS(sem_change(id, 0, -1, SEM_UNDO));
    return NULL;
}

static void with_thread(void *unused) {
    (void)unused;
    pthread_t thread;
    PTHREAD(pthread_create(&thread, NULL, in_thread, NULL));
    PTHREAD(pthread_join(thread, NULL));
    EQ(sem_value(id, 0), 4);
}

static void leaves(void *unused) {
    (void)unused;
    SYS(sem_change(id, 0, -1, SEM_UNDO));
    EQ(sem_value(id, 0), 4);
    SYS(unshare(CLONE_SYSVSEM));
    EQ(sem_value(id, 0), 5);
}

GUEST("what a process did with SEM_UNDO is taken back when it ends") {
    gate_make(&ready);
    gate_make(&go);
    id = SYS(semget(IPC_PRIVATE, 3, 0600));
    unsigned short values[3] = {5, 0, 1};
    SYS(semctl(id, 0, SETALL, (union semun){.array = values}));
    pid_t pid = guest_child(takes, NULL);
    gate_pass(&ready);
    EQ(sem_value(id, 0), 2);
    EQ(sem_value(id, 1), 2);
    SYS(sem_change(id, 1, -1, 0));
    sem_set(id, 2, 0);
    checkpoint();
    EQ(sem_value(id, 0), 2);
    EQ(sem_value(id, 1), 1);
    gate_open(&go);
    REAP(pid);
    EQ(sem_value(id, 0), 5);
    EQ(sem_value(id, 1), 0);
    EQ(sem_value(id, 2), 0);
    EQ(SYS(semctl(id, 0, GETPID)), pid);
    /* Threads owe together, a fork starts anew. */
    pid = guest_child(with_thread, NULL);
    REAP(pid);
    EQ(sem_value(id, 0), 5);
    pid = guest_child(leaves, NULL);
    REAP(pid);
    EQ(sem_value(id, 0), 5);
    SYS(semctl(id, 0, IPC_RMID));
}
