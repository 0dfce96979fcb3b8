#include <ucontext.h>

#include "callsite.h"

static unsigned char *code;
static int ends[2];

static void *body(void *argument) {
    char byte = 0;
    (void)argument;
    EQ(site_run(code, ends[0], (long)&byte, 1), 1);
    EQ(byte, 'y');
    return NULL;
}

GUEST("threads go on in calls that they were in at the checkpoint") {
    pthread_t threads[4];
    char byte;
    code = site_page(SYS_read);
    SYS(pipe(ends));
    for (int i = 0; i < SITE_OFTEN; i++) {
        SYS(write(ends[1], "x", 1));
        EQ(site_run(code, ends[0], (long)&byte, 1), 1);
    }
    for (int i = 0; i < 4; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, body, NULL));
    }
    guest_settle();
    checkpoint();
    SYS(write(ends[1], "yyyy", 4));
    for (int i = 0; i < 4; i++) {
        PTHREAD(pthread_join(threads[i], NULL));
    }
}
