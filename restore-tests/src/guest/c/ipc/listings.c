#include "ipc.h"

/* The line of a table that begins with a key, as numbers. */
static int fields(const char *path, int key, long long *into, int most) {
    char *text = guest_read_file(path);
    for (char *line = strchr(text, '\n'); line != NULL && line[1] != 0; line = strchr(line + 1, '\n')) {
        char *at = line + 1;
        if (strtoll(at, &at, 10) != key) {
            continue;
        }
        int count = 0;
        while (count < most && *at != '\n' && *at != 0) {
            into[count] = strtoll(at, &at, count == 1 ? 8 : 10);
            count++;
        }
        return count;
    }
    return 0;
}

static void check_sums(int shm, int sem, int msg) {
    struct shminfo shm_limits;
    struct shm_info shm_sums;
    struct seminfo sem_sums;
    struct msginfo msg_sums;
    CHECK(SYS(shmctl(0, IPC_INFO, (void *)&shm_limits)) >= 0);
    EQ(shm_limits.shmmni, 4096);
    EQ(shm_limits.shmmin, 1);
    CHECK(SYS(shmctl(0, SHM_INFO, (void *)&shm_sums)) >= (shm & 0x7fff));
    CHECK(shm_sums.used_ids >= 1 && shm_sums.shm_tot >= 2);
    CHECK(SYS(semctl(0, 0, IPC_INFO, (union semun){.info = &sem_sums})) >= 0);
    EQ(sem_sums.semmsl, 32000);
    EQ(sem_sums.semopm, 500);
    EQ(sem_sums.semvmx, 32767);
    CHECK(SYS(semctl(0, 0, SEM_INFO, (union semun){.info = &sem_sums})) >= (sem & 0x7fff));
    CHECK(sem_sums.semusz >= 1 && sem_sums.semaem >= 7);
    CHECK(SYS(msgctl(0, MSG_INFO, (void *)&msg_sums)) >= (msg & 0x7fff));
    EQ(msg_sums.msgmax, 8192);
    EQ(msg_sums.msgmnb, 16384);
    CHECK(msg_sums.msgpool >= 1 && msg_sums.msgmap >= 1 && msg_sums.msgtql >= 4);
}

GUEST("the tables in proc and the summing commands show all objects") {
    key_t key = 0x52540000 + (getpid() & 0xffff);
    int shm = SYS(shmget(key, 5000, IPC_CREAT | 0640));
    int sem = SYS(semget(key, 7, IPC_CREAT | 0600));
    int msg = SYS(msgget(key, IPC_CREAT | 0620));
    send_text(msg, 1, "text");
    void *at = SYS(shmat(shm, NULL, 0));
    checkpoint();
    long long row[20];
    EQ(fields("/proc/sysvipc/shm", key, row, 15), 15);
    EQ(row[0], shm);
    EQ(row[1], 0640);
    EQ(row[2], 5000);
    EQ(row[3], getpid());
    EQ(row[4], getpid());
    EQ(row[5], 1);
    EQ(fields("/proc/sysvipc/sem", key, row, 9), 9);
    EQ(row[0], sem);
    EQ(row[1], 0600);
    EQ(row[2], 7);
    EQ(fields("/proc/sysvipc/msg", key, row, 13), 13);
    EQ(row[0], msg);
    EQ(row[1], 0620);
    EQ(row[2], 4);
    EQ(row[3], 1);
    EQ(row[4], getpid());
    check_sums(shm, sem, msg);
    struct shmid_ds shm_ds;
    struct semid_ds sem_ds;
    struct msqid_ds msg_ds;
    EQ(SYS(shmctl(shm & 0x7fff, SHM_STAT, &shm_ds)), shm);
    EQ(SYS(shmctl(shm & 0x7fff, SHM_STAT_ANY, &shm_ds)), shm);
    EQ(shm_ds.shm_segsz, 5000);
    EQ(SYS(semctl(sem & 0x7fff, 0, SEM_STAT, (union semun){.buf = &sem_ds})), sem);
    EQ(sem_ds.sem_nsems, 7);
    EQ(SYS(msgctl(msg & 0x7fff, MSG_STAT, &msg_ds)), msg);
    EQ(msg_ds.msg_qnum, 1);
    char line[64];
    snprintf(line, sizeof line, "/SYSV%08x (deleted)", key);
    CHECK(strstr(guest_read_file("/proc/self/maps"), line) != NULL);
    SYS(shmdt(at));
    SYS(shmctl(shm, IPC_RMID, NULL));
    SYS(semctl(sem, 0, IPC_RMID));
    SYS(msgctl(msg, IPC_RMID, NULL));
}
