#include <poll.h>

#include "guest.h"

static volatile int calls;

static void on_signal(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)info;
    (void)context;
    calls++;
}

static struct gate ready[3], never;

/* poll and nanosleep end with EINTR even after a handler with SA_RESTART; only a stop is not seen. */
static void poller(void *unused) {
    (void)unused;
    struct pollfd polled = {.fd = never.ends[0], .events = POLLIN};
    guest_handler(SIGUSR1, on_signal, SA_RESTART);
    gate_open(&ready[0]);
    FAILS(EINTR, poll(&polled, 1, -1));
    EQ(calls, 1);
}

static void sleeper(void *unused) {
    (void)unused;
    struct timespec time = {1000, 0}, left = {0, 0};
    guest_handler(SIGUSR1, on_signal, SA_RESTART);
    gate_open(&ready[1]);
    FAILS(EINTR, nanosleep(&time, &left));
    CHECK(left.tv_sec > 900 && left.tv_sec < 1000);
}

static void pauser(void *unused) {
    (void)unused;
    guest_handler(SIGUSR1, on_signal, SA_RESTART);
    gate_open(&ready[2]);
    FAILS(EINTR, pause());
}

GUEST("poll, nanosleep and pause are not ended by a checkpoint or a stop, but by a handler") {
    void (*bodies[])(void *) = {poller, sleeper, pauser};
    pid_t pids[3];
    gate_make(&never);
    for (int i = 0; i < 3; i++) {
        gate_make(&ready[i]);
        pids[i] = guest_child(bodies[i], NULL);
        gate_pass(&ready[i]);
    }
    guest_settle();
    checkpoint();
    for (int i = 0; i < 3; i++) {
        int status;
        SYS(kill(pids[i], SIGSTOP));
        EQ(SYS(waitpid(pids[i], &status, WUNTRACED)), pids[i]);
        CHECK(WIFSTOPPED(status));
        SYS(kill(pids[i], SIGCONT));
    }
    guest_settle();
    for (int i = 0; i < 3; i++) {
        EQ(waitpid(pids[i], NULL, WNOHANG), 0);
        SYS(kill(pids[i], SIGUSR1));
        REAP(pids[i]);
    }
}
