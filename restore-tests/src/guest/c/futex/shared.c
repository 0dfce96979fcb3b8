#include "futex.h"

#define CHILDREN 4

static struct gate ready;

/* Each maps the file itself, at an address of its own. */
static volatile int *map_word(void) {
    int fd = SYS(open("word", O_RDWR | O_CREAT, 0644));
    SYS(ftruncate(fd, PAGE));
    volatile int *word = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    SYS(close(fd));
    return word;
}

static void child(void *unused) {
    (void)unused;
    volatile int *word = map_word();
    gate_open(&ready);
    while (word[0] == 0) {
        long result = futex(&word[0], FUTEX_WAIT, 0, NULL, NULL, 0);
        CHECK(result == 0 || errno == EAGAIN || errno == EINTR);
    }
    __sync_fetch_and_add(&word[1], 1);
}

GUEST("a futex in a shared file mapping wakes waiters of other processes") {
    pid_t pids[CHILDREN];
    gate_make(&ready);
    volatile int *word = map_word();
    for (int i = 0; i < CHILDREN; i++) {
        pids[i] = guest_child(child, NULL);
        gate_pass(&ready);
    }
    guest_settle();
    checkpoint();
    EQ(futex(&word[0], FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 0); // another word than the shared one
    EQ(word[1], 0);
    word[0] = 1;
    SYS(futex(&word[0], FUTEX_WAKE, INT_MAX, NULL, NULL, 0));
    for (int i = 0; i < CHILDREN; i++) {
        REAP(pids[i]);
    }
    EQ(word[1], CHILDREN);
}
