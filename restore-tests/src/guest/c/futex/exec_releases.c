#include "futex.h"

static struct shared {
    pthread_mutex_t mutex;
    volatile int word;
} *shared;
static struct gate held, executed, go;

int guest_helper(int argc, char **argv) {
    EQ(argc, 3);
    SYS(write(atoi(argv[1]), "x", 1));
    char byte;
    EQ(read(atoi(argv[2]), &byte, 1), 1);
    return 0;
}

/* Holds a robust mutex and a word with an owner, and becomes another program. */
static void holder(void *unused) {
    (void)unused;
    char ready[12], wait[12];
    char *arguments[] = {"helper", ready, wait, NULL};
    snprintf(ready, sizeof ready, "%d", SYS(dup(executed.ends[1])));
    snprintf(wait, sizeof wait, "%d", SYS(dup(go.ends[0])));
    PTHREAD(pthread_mutex_lock(&shared->mutex));
    EQ(futex(&shared->word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), 0);
    gate_open(&held);
    while ((shared->word & (int)FUTEX_WAITERS) == 0) {
        guest_sleep(MILLISECOND);
    }
    SYS(execve(guest_path(), arguments, environ));
}

static void waiter(void *unused) {
    (void)unused;
    EQ(futex(&shared->word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), 0);
    EQ(shared->word & FUTEX_TID_MASK, getpid());
    CHECK((shared->word & FUTEX_OWNER_DIED) != 0);
    EQ(futex(&shared->word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), 0);
}

GUEST("a program that another one replaces lets go of the words it held") {
    pthread_mutexattr_t attributes;
    shared = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    gate_make(&held);
    gate_make(&executed);
    gate_make(&go);
    PTHREAD(pthread_mutexattr_init(&attributes));
    PTHREAD(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
    PTHREAD(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
    PTHREAD(pthread_mutex_init(&shared->mutex, &attributes));
    pid_t pid = guest_child(holder, NULL);
    gate_pass(&held);
    pid_t second = guest_child(waiter, NULL);
    gate_pass(&executed);
    checkpoint();
    REAP(second);
    struct timespec until = futex_time(guest_now(CLOCK_REALTIME) + 10 * SECOND);
    EQ(pthread_mutex_timedlock(&shared->mutex, &until), EOWNERDEAD);
    PTHREAD(pthread_mutex_consistent(&shared->mutex));
    PTHREAD(pthread_mutex_unlock(&shared->mutex));
    gate_open(&go);
    REAP(pid);
}
