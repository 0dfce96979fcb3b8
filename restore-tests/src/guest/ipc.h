/* What the tests of System V IPC share. Objects are private ones: a test removes what it makes. */
#ifndef IPC_H
#define IPC_H

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "guest.h"

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *info;
};

struct text {
    long type;
    char bytes[64];
};

static inline struct shmid_ds shm_state(int id) {
    struct shmid_ds state;
    SYS(shmctl(id, IPC_STAT, &state));
    return state;
}

static inline struct msqid_ds msg_state(int id) {
    struct msqid_ds state;
    SYS(msgctl(id, IPC_STAT, &state));
    return state;
}

static inline int sem_value(int id, int number) {
    return SYS(semctl(id, number, GETVAL));
}

static inline void sem_set(int id, int number, int value) {
    SYS(semctl(id, number, SETVAL, (union semun){.val = value}));
}

static inline int sem_change(int id, int number, int change, int flags) {
    struct sembuf operation = {(unsigned short)number, (short)change, (short)flags};
    return semop(id, &operation, 1);
}

static inline void send_text(int id, long type, const char *bytes) {
    struct text text = {.type = type};
    strcpy(text.bytes, bytes);
    SYS(msgsnd(id, &text, strlen(bytes), IPC_NOWAIT));
}

/* Receives a message and checks all of it. */
#define RECEIVES(id, wanted, flags, its_type, its_bytes)                                             \
    do {                                                                                             \
        struct text got;                                                                             \
        EQ(SYS(msgrcv(id, &got, sizeof got.bytes, wanted, flags)), (long)strlen(its_bytes));         \
        EQ(got.type, its_type);                                                                      \
        CHECK(memcmp(got.bytes, its_bytes, strlen(its_bytes)) == 0);                                 \
    } while (0)

#endif
