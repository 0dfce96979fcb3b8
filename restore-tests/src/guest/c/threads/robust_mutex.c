#include "guest.h"

static pthread_mutex_t *mutexes;
static struct gate ready, go;

static void *die_holding(void *mutex) {
    PTHREAD(pthread_mutex_lock(mutex));
    gate_open(&ready);
    gate_pass(&go);
    return NULL;
}

static void child(void *mutex) {
    PTHREAD(pthread_mutex_lock(mutex));
    gate_open(&ready);
    gate_pass(&go);
    SYS(kill(getpid(), SIGKILL));
}

GUEST("who dies with a robust mutex leaves it to the next, after the checkpoint too") {
    pthread_mutexattr_t attributes;
    pthread_t thread;
    gate_make(&ready);
    gate_make(&go);
    mutexes = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    PTHREAD(pthread_mutexattr_init(&attributes));
    PTHREAD(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
    PTHREAD(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
    PTHREAD(pthread_mutex_init(&mutexes[0], &attributes));
    PTHREAD(pthread_mutex_init(&mutexes[1], &attributes));
    pid_t pid = guest_child(child, &mutexes[1]);
    gate_pass(&ready);
    PTHREAD(pthread_create(&thread, NULL, die_holding, &mutexes[0]));
    gate_pass(&ready);
    checkpoint();
    EQ(pthread_mutex_trylock(&mutexes[0]), EBUSY);
    EQ(pthread_mutex_trylock(&mutexes[1]), EBUSY);
    gate_open(&go);
    gate_open(&go);
    for (int i = 0; i < 2; i++) {
        EQ(pthread_mutex_lock(&mutexes[i]), EOWNERDEAD);
        PTHREAD(pthread_mutex_consistent(&mutexes[i]));
        PTHREAD(pthread_mutex_unlock(&mutexes[i]));
        PTHREAD(pthread_mutex_lock(&mutexes[i]));
        PTHREAD(pthread_mutex_unlock(&mutexes[i]));
    }
    PTHREAD(pthread_join(thread, NULL));
    EQ(WTERMSIG(guest_status(pid)), SIGKILL);
}
