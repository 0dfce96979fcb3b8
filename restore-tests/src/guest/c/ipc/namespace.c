#include <sched.h>

#include "ipc.h"

static int outside;
static key_t key;
static struct gate ready, go;

static void inside(void *unused) {
    (void)unused;
    char before[64], after[64];
    memset(before, 0, sizeof before);
    memset(after, 0, sizeof after);
    SYS(readlink("/proc/self/ns/ipc", before, 63));
    char *kept = SYS(shmat(outside, NULL, 0));
    SYS(unshare(CLONE_NEWIPC));
    SYS(readlink("/proc/self/ns/ipc", after, 63));
    CHECK(strcmp(before, after) != 0);
    FAILS(ENOENT, shmget(key, 0, 0));
    int id = SYS(shmget(key, PAGE, IPC_CREAT | IPC_EXCL | 0600));
    EQ(id, 0);
    EQ(SYS(semget(key, 1, IPC_CREAT | 0600)), 0);
    EQ(SYS(msgget(key, IPC_CREAT | 0600)), 0);
    char *own = SYS(shmat(id, NULL, 0));
    strcpy(own, "own");
    guest_write_file("/proc/sys/kernel/msgmax", "100");
    send_text(0, 1, "inside");
    gate_open(&ready);
    gate_pass(&go);
    CHECK(strcmp(kept, "kept") == 0);
    CHECK(strcmp(own, "own") == 0);
    EQ(atoi(guest_read_file("/proc/sys/kernel/msgmax")), 100);
    struct text text = {.type = 1};
    FAILS(EINVAL, msgsnd(0, &text, 101, 0));
    RECEIVES(0, 0, IPC_NOWAIT, 1, "inside");
}

GUEST("each IPC namespace has its own keys, ids and limits") {
    gate_make(&ready);
    gate_make(&go);
    key = 0x52550000 + (getpid() & 0xffff);
    outside = SYS(shmget(key, PAGE, IPC_CREAT | IPC_EXCL | 0600));
    char *kept = SYS(shmat(outside, NULL, 0));
    strcpy(kept, "kept");
    pid_t pid = guest_child(inside, NULL);
    gate_pass(&ready);
    FAILS(ENOENT, msgget(key, 0));
    EQ(atoi(guest_read_file("/proc/sys/kernel/msgmax")), 8192);
    checkpoint();
    EQ(shm_state(outside).shm_nattch, 3);
    FAILS(ENOENT, semget(key, 0, 0));
    gate_open(&go);
    REAP(pid);
    EQ(shm_state(outside).shm_nattch, 1);
    SYS(shmctl(outside, IPC_RMID, NULL));
    FAILS(EINVAL, syscall(SYS_clone, CLONE_NEWIPC | CLONE_SYSVSEM, 0, 0, 0, 0));
}
