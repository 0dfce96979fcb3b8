#include "ipc.h"

static int sem, empty, full;

static void at_semaphore(void *unused) {
    (void)unused;
    FAILS(EIDRM, sem_change(sem, 0, -1, 0));
}

static void receiver(void *unused) {
    (void)unused;
    struct text text;
    FAILS(EIDRM, msgrcv(empty, &text, 10, 0, 0));
}

static void sender(void *unused) {
    (void)unused;
    struct text text = {.type = 1};
    FAILS(EIDRM, msgsnd(full, &text, 10, 0));
}

GUEST("who waits at an object that is removed is told so") {
    sem = SYS(semget(IPC_PRIVATE, 1, 0600));
    empty = SYS(msgget(IPC_PRIVATE, 0600));
    full = SYS(msgget(IPC_PRIVATE, 0600));
    struct msqid_ds state = msg_state(full);
    state.msg_qbytes = 5;
    SYS(msgctl(full, IPC_SET, &state));
    send_text(full, 1, "12345");
    pid_t first = guest_child(at_semaphore, NULL);
    pid_t second = guest_child(receiver, NULL);
    pid_t third = guest_child(sender, NULL);
    while (SYS(semctl(sem, 0, GETNCNT)) == 0) {
        guest_sleep(MILLISECOND);
    }
    guest_sleep(50 * MILLISECOND);
    checkpoint();
    SYS(semctl(sem, 0, IPC_RMID));
    SYS(msgctl(empty, IPC_RMID, NULL));
    SYS(msgctl(full, IPC_RMID, NULL));
    REAP(first);
    REAP(second);
    REAP(third);
}
