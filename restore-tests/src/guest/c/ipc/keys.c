#include "ipc.h"

GUEST("keys lead to objects, flags and sizes are checked") {
    key_t key = 0x52530000 + (getpid() & 0xffff);
    struct shmid_ds state;
    FAILS(ENOENT, shmget(key, PAGE, 0600));
    FAILS(ENOENT, semget(key, 1, 0600));
    FAILS(ENOENT, msgget(key, 0600));
    int shm = SYS(shmget(key, PAGE, IPC_CREAT | IPC_EXCL | 0600));
    int sem = SYS(semget(key, 3, IPC_CREAT | IPC_EXCL | 0600));
    int msg = SYS(msgget(key, IPC_CREAT | IPC_EXCL | 0600));
    checkpoint();
    EQ(SYS(shmget(key, 0, 0)), shm);
    EQ(SYS(shmget(key, PAGE, IPC_CREAT | 0600)), shm);
    FAILS(EINVAL, shmget(key, PAGE + 1, 0));
    FAILS(EEXIST, shmget(key, PAGE, IPC_CREAT | IPC_EXCL));
    EQ(SYS(semget(key, 0, 0)), sem);
    FAILS(EINVAL, semget(key, 4, 0));
    FAILS(EINVAL, semget(key, -1, 0));
    FAILS(EINVAL, semget(IPC_PRIVATE, 0, 0600));
    FAILS(EINVAL, semget(IPC_PRIVATE, 32001, 0600));
    FAILS(EEXIST, semget(key, 3, IPC_CREAT | IPC_EXCL));
    EQ(SYS(msgget(key, 0)), msg);
    FAILS(EEXIST, msgget(key, IPC_CREAT | IPC_EXCL));
    FAILS(EINVAL, shmget(IPC_PRIVATE, 0, 0600));
    EQ(shm_state(shm).shm_perm.__key, key);
    void *at = SYS(shmat(shm, NULL, 0));
    SYS(shmctl(shm, IPC_RMID, NULL));
    EQ(shm_state(shm).shm_perm.__key, IPC_PRIVATE);
    FAILS(ENOENT, shmget(key, 0, 0));
    int other = SYS(shmget(key, PAGE, IPC_CREAT | 0600));
    CHECK(other != shm);
    SYS(shmdt(at));
    SYS(shmctl(other, IPC_RMID, NULL));
    FAILS(EINVAL, shmctl(other, IPC_STAT, &state));
    SYS(semctl(sem, 0, IPC_RMID));
    FAILS(EINVAL, semctl(sem, 0, GETVAL));
    SYS(msgctl(msg, IPC_RMID, NULL));
    FAILS(EINVAL, msgctl(msg, IPC_RMID, NULL));
    /* Ids are not soon used again. */
    int first = SYS(msgget(IPC_PRIVATE, 0600));
    SYS(msgctl(first, IPC_RMID, NULL));
    int second = SYS(msgget(IPC_PRIVATE, 0600));
    CHECK(first != second);
    SYS(msgctl(second, IPC_RMID, NULL));
}
