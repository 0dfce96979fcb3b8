#include "ipc.h"

static void exits(void *argument) {
    (void)argument;
}

static void changes(void *argument) {
    (void)argument;
    execl(guest_path(), guest_path(), "again", NULL);
}

int guest_helper(int argc, char **argv) {
    (void)argc;
    (void)argv;
    return 0;
}

GUEST("segments are attached where asked, and areas count") {
    int id = SYS(shmget(IPC_PRIVATE, 4 * PAGE, 0600));
    char *room = guest_pages(8);
    FAILS(EINVAL, shmat(id, room, 0));
    FAILS(EINVAL, shmat(id, room + 1, SHM_REMAP));
    FAILS(EINVAL, shmat(id, NULL, SHM_REMAP));
    FAILS(EINVAL, shmat(-1, NULL, 0));
    char *at = SYS(shmat(id, room + PAGE + 5, SHM_REMAP | SHM_RND));
    CHECK(at == room + PAGE);
    guest_fill(at, 4 * PAGE, 1);
    char *reader = SYS(shmat(id, NULL, SHM_RDONLY));
    CHECK(guest_filled(reader, 4 * PAGE, 1));
    FAILS(EACCES, mprotect(reader, PAGE, PROT_READ | PROT_WRITE));
    EQ(shm_state(id).shm_nattch, 2);
    SYS(mprotect(at + PAGE, PAGE, PROT_READ));
    EQ(shm_state(id).shm_nattch, 4);
    SYS(munmap(at + PAGE, PAGE));
    EQ(shm_state(id).shm_nattch, 3);
    checkpoint();
    EQ(shm_state(id).shm_nattch, 3);
    CHECK(guest_filled(reader, 4 * PAGE, 1));
    pid_t pid = guest_child(exits, NULL);
    REAP(pid);
    EQ(shm_state(id).shm_nattch, 3);
    pid = guest_child(changes, NULL);
    REAP(pid);
    EQ(shm_state(id).shm_nattch, 3);
    FAILS(EINVAL, shmdt(at + 2 * PAGE));
    SYS(shmdt(at));
    EQ(shm_state(id).shm_nattch, 1);
    char *moved = SYS(mremap(reader, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room));
    EQ(shm_state(id).shm_nattch, 1);
    CHECK(guest_filled(moved, 4 * PAGE, 1));
    SYS(shmctl(id, IPC_RMID, NULL));
    SYS(shmdt(moved));
    FAILS(EINVAL, shmctl(id, IPC_RMID, NULL));
}
