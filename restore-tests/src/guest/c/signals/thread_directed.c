#include "guest.h"

static volatile int receiver;
static volatile int calls;
static struct gate ready, go;

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    receiver = gettid();
    calls++;
}

static void *body(void *id) {
    *(volatile int *)id = gettid();
    guest_unblock(SIGUSR1);
    gate_open(&ready);
    gate_pass(&go);
    return NULL;
}

static void until(int count) {
    while (calls < count) {
        guest_sleep(MILLISECOND);
    }
}

GUEST("a signal for a thread goes to it, one for the process to a thread that does not block it") {
    pthread_t thread;
    volatile int id;
    sigset_t set;
    gate_make(&ready);
    gate_make(&go);
    guest_handler(SIGUSR1, on_signal, SA_RESTART);
    guest_block(SIGUSR1);
    PTHREAD(pthread_create(&thread, NULL, body, (void *)&id));
    gate_pass(&ready);
    PTHREAD(pthread_kill(pthread_self(), SIGUSR1)); // blocked here, so it stays pending here
    guest_settle();
    checkpoint();
    EQ(calls, 0);
    PTHREAD(pthread_kill(thread, SIGUSR1));
    until(1);
    EQ(receiver, id);
    SYS(sigpending(&set));
    EQ(sigismember(&set, SIGUSR1), 1);
    SYS(kill(getpid(), SIGUSR1));
    until(2);
    EQ(receiver, id);
    guest_unblock(SIGUSR1);
    EQ(calls, 3);
    EQ(receiver, gettid());
    gate_open(&go);
    PTHREAD(pthread_join(thread, NULL));
}
