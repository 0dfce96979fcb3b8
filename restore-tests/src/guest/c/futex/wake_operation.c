#include "futex.h"

static volatile int first, second = 10;

static void *body(void *word) {
    EQ(futex(word, FUTEX_WAIT_PRIVATE, *(volatile int *)word, NULL, NULL, 0), 0);
    return NULL;
}

static long wake_both(int operation, int argument, int comparison, int than) {
    int code = FUTEX_OP(operation, argument, comparison, than);
    return SYS(futex(&first, FUTEX_WAKE_OP_PRIVATE, 8, (void *)8L, &second, code));
}

GUEST("FUTEX_WAKE_OP changes a word and wakes its waiters if it was as asked") {
    pthread_t threads[2];
    PTHREAD(pthread_create(&threads[0], NULL, body, (void *)&first));
    PTHREAD(pthread_create(&threads[1], NULL, body, (void *)&second));
    guest_settle();
    checkpoint();
    guest_settle();
    long woken = wake_both(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, 9); // not 9: only the first
    EQ(second, 10);
    while (woken < 1) {
        woken += wake_both(FUTEX_OP_OR, 0, FUTEX_OP_CMP_EQ, 9);
    }
    PTHREAD(pthread_join(threads[0], NULL));
    while (wake_both(FUTEX_OP_OR, 0, FUTEX_OP_CMP_GT, 9) == 0) {
        guest_sleep(MILLISECOND);
    }
    PTHREAD(pthread_join(threads[1], NULL));
    wake_both(FUTEX_OP_SET, 3, FUTEX_OP_CMP_EQ, 0);
    EQ(second, 3);
    wake_both(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0);
    EQ(second, 8);
    wake_both(FUTEX_OP_ANDN, 8, FUTEX_OP_CMP_EQ, 0);
    EQ(second, 0);
    wake_both(FUTEX_OP_XOR, 5, FUTEX_OP_CMP_EQ, 0);
    EQ(second, 5);
    wake_both(FUTEX_OP_ADD, -6, FUTEX_OP_CMP_EQ, 0);
    EQ(second, -1);
    wake_both(FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 10, FUTEX_OP_CMP_EQ, 0);
    EQ(second, -1);
    wake_both(FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 10, FUTEX_OP_CMP_EQ, 0);
    EQ(second, 1024);
}
