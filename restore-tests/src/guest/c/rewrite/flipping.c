#include <stdatomic.h>

#include "callsite.h"

enum { THREADS = 3, FLIPS = 150 };

static unsigned char *code;
static atomic_bool ended;

static void *body(void *argument) {
    (void)argument;
    pid_t thread = gettid();
    while (!ended) {
        EQ(site_run(code, 0, 0, 0), thread);
    }
    return NULL;
}

GUEST("code that others are running may be made writable and fixed again") {
    pthread_t threads[THREADS];
    code = site_page(SYS_gettid);
    for (int i = 0; i < THREADS; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, body, NULL));
    }
    for (int i = 0; i < FLIPS; i++) {
        if (i == FLIPS / 2) {
            checkpoint();
        }
        site_often(code, getpid());
        SYS(mprotect(code, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
        EQ(code[SITE_CALL + 1], 5);
        site_seal(code);
    }
    ended = true;
    for (int i = 0; i < THREADS; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
}
