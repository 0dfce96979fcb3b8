#include "callsite.h"

enum { SITES = 60, THREADS = 6, ROUNDS = 150, STEP = 13 };

static unsigned char *code;
static pthread_barrier_t start;

static void hammer(void) {
    pid_t process = getpid(), thread = gettid();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < SITES; i++) {
            EQ(site_run(code + i * STEP, 0, 0, 0), i % 2 ? thread : process);
        }
    }
}

static void *body(void *argument) {
    (void)argument;
    pthread_barrier_wait(&start);
    hammer();
    return NULL;
}

static void child(void *argument) {
    (void)argument;
    hammer();
}

GUEST("threads that run through the same call sites, with forks in between, get their own answers") {
    pthread_t threads[THREADS];
    code = guest_pages(1);
    for (int i = 0; i < SITES; i++) {
        site_write(code + i * STEP, i % 2 ? SYS_gettid : SYS_getpid);
    }
    site_seal(code);
    PTHREAD(pthread_barrier_init(&start, NULL, THREADS + 1));
    for (int i = 0; i < THREADS; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, body, NULL));
    }
    pthread_barrier_wait(&start);
    pid_t first = guest_child(child, NULL);
    checkpoint();
    pid_t second = guest_child(child, NULL);
    hammer();
    for (int i = 0; i < THREADS; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
    REAP(first);
    REAP(second);
    hammer();
}
