#include <linux/futex.h>

#include "ipc.h"

static int id;

static void child(void *unused) {
    (void)unused;
    pthread_mutex_t *mutex = SYS(shmat(id, NULL, 0));
    PTHREAD(pthread_mutex_lock(mutex));
    ((volatile int *)mutex)[100] = 7;
    PTHREAD(pthread_mutex_unlock(mutex));
}

GUEST("a mutex works between two attachments of a segment") {
    id = SYS(shmget(IPC_PRIVATE, PAGE, 0600));
    pthread_mutex_t *mutex = SYS(shmat(id, NULL, 0));
    pthread_mutexattr_t attributes;
    PTHREAD(pthread_mutexattr_init(&attributes));
    PTHREAD(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
    PTHREAD(pthread_mutex_init(mutex, &attributes));
    PTHREAD(pthread_mutex_lock(mutex));
    pid_t pid = guest_child(child, NULL);
    guest_settle();
    checkpoint();
    EQ(((volatile int *)mutex)[100], 0);
    PTHREAD(pthread_mutex_unlock(mutex));
    REAP(pid);
    EQ(((volatile int *)mutex)[100], 7);
    SYS(shmctl(id, IPC_RMID, NULL));
}
