#include "ipc.h"

static int shm, sem, msg;

static void stranger(void *unused) {
    (void)unused;
    struct text text = {.type = 1};
    struct shmid_ds state;
    struct msqid_ds queue;
    unsigned short values[2];
    SYS(setresgid(3000, 3000, 3000));
    SYS(setresuid(3000, 3000, 3000));
    FAILS(EACCES, shmat(shm, NULL, 0));
    SYS(shmdt(SYS(shmat(shm, NULL, SHM_RDONLY))));
    SYS(shmctl(shm, IPC_STAT, &state));
    FAILS(EPERM, shmctl(shm, IPC_SET, &state));
    FAILS(EPERM, shmctl(shm, IPC_RMID, NULL));
    FAILS(EPERM, shmctl(shm, SHM_LOCK, NULL));
    FAILS(EACCES, semctl(sem, 0, GETVAL));
    FAILS(EACCES, semctl(sem, 0, GETALL, (union semun){.array = values}));
    FAILS(EACCES, sem_change(sem, 0, 0, IPC_NOWAIT));
    FAILS(EPERM, semctl(sem, 0, IPC_RMID));
    SYS(msgsnd(msg, &text, 0, IPC_NOWAIT));
    FAILS(EACCES, msgrcv(msg, &text, 0, 0, IPC_NOWAIT));
    FAILS(EACCES, msgctl(msg, IPC_STAT, &queue));
    FAILS(EPERM, msgctl(msg, IPC_RMID, NULL));
}

static void owner(void *unused) {
    (void)unused;
    struct shmid_ds state = shm_state(shm);
    struct msqid_ds queue;
    SYS(setresgid(3000, 3000, 3000));
    SYS(setresuid(3000, 3000, 3000));
    state.shm_perm.mode = 0600;
    SYS(shmctl(shm, IPC_SET, &state));
    SYS(msgctl(msg, IPC_STAT, &queue));
    queue.msg_qbytes = 100;
    SYS(msgctl(msg, IPC_SET, &queue));
    queue.msg_qbytes = 1 << 20;
    FAILS(EPERM, msgctl(msg, IPC_SET, &queue));
}

GUEST("modes and owners decide who may do what") {
    shm = SYS(shmget(IPC_PRIVATE, PAGE, 0604));
    sem = SYS(semget(IPC_PRIVATE, 2, 0600));
    msg = SYS(msgget(IPC_PRIVATE, 0602));
    checkpoint();
    pid_t pid = guest_child(stranger, NULL);
    REAP(pid);
    EQ(msg_state(msg).msg_qnum, 1);
    struct shmid_ds state = shm_state(shm);
    struct msqid_ds queue = msg_state(msg);
    EQ(queue.msg_qbytes, 16384);
    state.shm_perm.uid = queue.msg_perm.uid = 3000;
    SYS(shmctl(shm, IPC_SET, &state));
    SYS(msgctl(msg, IPC_SET, &queue));
    EQ(shm_state(shm).shm_perm.uid, 3000);
    EQ(shm_state(shm).shm_perm.cuid, 0);
    pid = guest_child(owner, NULL);
    REAP(pid);
    EQ(shm_state(shm).shm_perm.mode, 0600);
    EQ(msg_state(msg).msg_qbytes, 100);
    SYS(shmctl(shm, SHM_LOCK, NULL));
    EQ(shm_state(shm).shm_perm.mode, 0600 | SHM_LOCKED);
    SYS(shmctl(shm, SHM_UNLOCK, NULL));
    EQ(shm_state(shm).shm_perm.mode, 0600);
    SYS(shmctl(shm, IPC_RMID, NULL));
    SYS(semctl(sem, 0, IPC_RMID));
    SYS(msgctl(msg, IPC_RMID, NULL));
}
