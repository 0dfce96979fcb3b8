#include "ipc.h"

static int id;
static struct gate ready, go;

static void child(void *argument) {
    volatile int *shared = argument;
    EQ(shm_state(id).shm_nattch, 2);
    shared[1] = 42;
    gate_open(&ready);
    gate_pass(&go);
    EQ(shared[2], 43);
    SYS(shmdt((void *)shared));
    EQ(shm_state(id).shm_nattch, 1);
}

GUEST("a shared memory segment lives while it is attached") {
    gate_make(&ready);
    gate_make(&go);
    id = SYS(shmget(IPC_PRIVATE, 3 * PAGE - 100, IPC_CREAT | 0640));
    struct shmid_ds state = shm_state(id);
    EQ(state.shm_segsz, 3 * PAGE - 100);
    EQ(state.shm_perm.mode, 0640);
    EQ(state.shm_nattch, 0);
    EQ(state.shm_cpid, getpid());
    EQ(state.shm_lpid, 0);
    EQ(state.shm_atime, 0);
    volatile int *shared = SYS(shmat(id, NULL, 0));
    volatile int *again = SYS(shmat(id, NULL, SHM_RDONLY));
    EQ(shm_state(id).shm_nattch, 2);
    EQ(shm_state(id).shm_lpid, getpid());
    CHECK(shm_state(id).shm_atime != 0);
    SYS(shmdt((void *)again));
    EQ(shm_state(id).shm_nattch, 1);
    CHECK(shm_state(id).shm_dtime != 0);
    shared[0] = 41;
    pid_t pid = guest_child(child, (void *)shared);
    gate_pass(&ready);
    SYS(shmctl(id, IPC_RMID, NULL));
    EQ(shm_state(id).shm_perm.mode, 0640 | SHM_DEST);
    checkpoint();
    EQ(shm_state(id).shm_nattch, 2);
    EQ(shared[0], 41);
    EQ(shared[1], 42);
    again = SYS(shmat(id, NULL, 0));
    EQ(shm_state(id).shm_nattch, 3);
    again[2] = 43;
    SYS(shmdt((void *)again));
    FAILS(EINVAL, shmdt((void *)again));
    gate_open(&go);
    REAP(pid);
    EQ(shm_state(id).shm_nattch, 1);
    SYS(shmdt((void *)shared));
    FAILS(EINVAL, shmctl(id, IPC_STAT, &state));
    FAILS(EINVAL, shmat(id, NULL, 0));
}
