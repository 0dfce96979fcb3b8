#include "ipc.h"

static int id;

static void waits(void *unused) {
    (void)unused;
    struct sembuf both[2] = {{0, -2, 0}, {1, 0, 0}};
    SYS(semop(id, both, 2));
}

/* Until a process waits for the semaphore. */
static void await_waiter(int number, int command) {
    while (SYS(semctl(id, number, command)) == 0) {
        guest_sleep(MILLISECOND);
    }
}

GUEST("semaphore operations are done together or not at all, and wait across the checkpoint") {
    id = SYS(semget(IPC_PRIVATE, 3, 0600));
    EQ(sem_value(id, 2), 0);
    unsigned short values[3] = {1, 1, 5};
    SYS(semctl(id, 0, SETALL, (union semun){.array = values}));
    pid_t pid = guest_child(waits, NULL);
    await_waiter(0, GETNCNT);
    EQ(SYS(semctl(id, 0, GETZCNT)), 0);
    checkpoint();
    await_waiter(0, GETNCNT);
    SYS(sem_change(id, 0, 2, 0));
    await_waiter(1, GETZCNT);
    EQ(sem_value(id, 0), 3);
    EQ(SYS(semctl(id, 0, GETNCNT)), 0);
    SYS(sem_change(id, 1, -1, 0));
    REAP(pid);
    EQ(sem_value(id, 0), 1);
    EQ(SYS(semctl(id, 0, GETPID)), pid);
    EQ(SYS(semctl(id, 1, GETPID)), pid);
    EQ(SYS(semctl(id, 2, GETPID)), getpid());
    /* None of several is done when one fails. */
    struct sembuf pair[2] = {{2, -1, IPC_NOWAIT}, {0, -2, IPC_NOWAIT}};
    FAILS(EAGAIN, semop(id, pair, 2));
    EQ(sem_value(id, 2), 5);
    FAILS(ERANGE, sem_change(id, 2, 32767, 0));
    FAILS(EFBIG, sem_change(id, 3, 1, 0));
    FAILS(EINVAL, semop(id, pair, 0));
    FAILS(EINVAL, sem_change(-1, 0, 1, 0));
    FAILS(E2BIG, semop(id, pair, 501));
    FAILS(EINVAL, semctl(id, 3, GETVAL));
    FAILS(ERANGE, semctl(id, 0, SETVAL, (union semun){.val = 32768}));
    FAILS(EAGAIN, sem_change(id, 2, 0, IPC_NOWAIT));
    struct timespec soon = {0, 20 * MILLISECOND}, wrong = {0, SECOND};
    struct sembuf never = {2, 0, 0};
    long long before = guest_now(CLOCK_MONOTONIC);
    FAILS(EAGAIN, semtimedop(id, &never, 1, &soon));
    CHECK(guest_now(CLOCK_MONOTONIC) - before >= 20 * MILLISECOND);
    FAILS(EINVAL, semtimedop(id, &never, 1, &wrong));
    SYS(semctl(id, 0, GETALL, (union semun){.array = values}));
    EQ(values[0], 1);
    EQ(values[1], 0);
    EQ(values[2], 5);
    struct semid_ds state;
    SYS(semctl(id, 0, IPC_STAT, (union semun){.buf = &state}));
    EQ(state.sem_nsems, 3);
    CHECK(state.sem_otime != 0 && state.sem_ctime != 0);
    SYS(semctl(id, 0, IPC_RMID));
}
