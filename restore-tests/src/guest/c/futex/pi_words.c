#include "futex.h"

static volatile int *words;
static struct gate ready, go;

static long lock_word(volatile int *word, const struct timespec *until) {
    return futex(word, FUTEX_LOCK_PI, 0, until, NULL, 0);
}

static void unlock_word(volatile int *word) {
    SYS(futex(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
}

static void *hold(void *word) {
    SYS(lock_word(word, NULL));
    gate_open(&ready);
    gate_pass(&go);
    unlock_word(word);
    return NULL;
}

static void child(void *argument) {
    volatile int *word = argument;
    SYS(lock_word(word, NULL));
    EQ(*word & FUTEX_TID_MASK, gettid());
    unlock_word(word);
}

static void die_holding(void *argument) {
    SYS(lock_word(argument, NULL));
    gate_open(&ready);
    gate_pass(&go);
}

GUEST("words with priority inheritance pass from thread to thread and from process to process") {
    pthread_t thread;
    struct timespec until;
    words = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    gate_make(&ready);
    gate_make(&go);

    SYS(lock_word(&words[0], NULL));
    EQ(words[0], gettid());
    FAILS(EDEADLK, lock_word(&words[0], NULL));
    FAILS(EDEADLK, futex(&words[0], FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
    unlock_word(&words[0]);
    EQ(words[0], 0);
    FAILS(EPERM, futex(&words[0], FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    words[1] = 0x3ffffff0;
    FAILS(ESRCH, lock_word(&words[1], NULL));

    PTHREAD(pthread_create(&thread, NULL, hold, (void *)&words[0]));
    gate_pass(&ready);
    FAILS(EAGAIN, futex(&words[0], FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
    until = futex_time(guest_now(CLOCK_REALTIME) + 20 * MILLISECOND);
    FAILS(ETIMEDOUT, lock_word(&words[0], &until));
    FAILS(EPERM, futex(&words[0], FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    pid_t pids[3];
    for (int i = 0; i < 3; i++) {
        pids[i] = guest_child(child, (void *)&words[0]);
    }
    guest_settle();
    checkpoint();
    CHECK((words[0] & (int)FUTEX_WAITERS) != 0);
    gate_open(&go);
    for (int i = 0; i < 3; i++) {
        REAP(pids[i]);
    }
    PTHREAD(pthread_join(thread, NULL));
    SYS(lock_word(&words[0], NULL));
    unlock_word(&words[0]);

    // Who waits for one that ends gets the word, marked.
    pid_t pid = guest_child(die_holding, (void *)&words[2]);
    gate_pass(&ready);
    gate_open(&go);
    if (lock_word(&words[2], NULL) == 0) {
        EQ(words[2] & FUTEX_TID_MASK, gettid());
    } else {
        EQ(errno, ESRCH); // it had ended before this thread waited
    }
    REAP(pid);
}
