#include <linux/futex.h>

#include "guest.h"

/* Two threads pass a number to and fro by futex, all through the checkpoint. */

static volatile int turn;
static volatile long passes;
static volatile bool over;

static void *body(void *argument) {
    int mine = (int)(long)argument;
    for (;;) {
        while (turn != mine) {
            int seen = turn;
            if (seen != mine) {
                long result = syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
                CHECK(result == 0 || errno == EAGAIN || errno == EINTR);
            }
        }
        bool last = over;
        passes++;
        turn = 1 - mine;
        SYS(syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
        if (last) {
            return NULL;
        }
    }
}

static void until_more(void) {
    long before = passes;
    while (passes < before + 50) {
        guest_sleep(MILLISECOND);
    }
}

GUEST("a futex ping-pong in full run goes on") {
    pthread_t threads[2];
    for (long i = 0; i < 2; i++) {
        PTHREAD(pthread_create(&threads[i], NULL, body, (void *)i));
    }
    until_more();
    checkpoint();
    until_more();
    over = true;
    PTHREAD(pthread_join(threads[0], NULL));
    PTHREAD(pthread_join(threads[1], NULL));
}
