#include "supervisor.h"

static int sockets[2];
static volatile sig_atomic_t handled;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info, (void)context;
    handled++;
}

static void plain(void *unused) {
    (void)unused;
    guest_handler(SIGUSR1, handler, 0);
    guest_handler(SIGUSR2, handler, SA_RESTART);
    supervisor_pass(sockets[1], supervisor_listen(0));
    FAILS(EINTR, syscall(SYS_getsid, 0));
    EQ(handled, 1);
    EQ(syscall(SYS_getsid, 1), 11); // asked about a second time
    EQ(handled, 2);
    EQ(syscall(SYS_getsid, 2), 22); // stopped and continued meanwhile
    syscall(SYS_getsid, 3); // killed
    _exit(3);
}

static void steady(void *unused) {
    (void)unused;
    guest_handler(SIGUSR1, handler, 0);
    supervisor_pass(sockets[1], supervisor_listen(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV));
    EQ(syscall(SYS_getsid, 4), 44);
    EQ(handled, 1);
    syscall(SYS_getsid, 5); // killed
    _exit(3);
}

static void *supervise(void *listener) {
    uint64_t id = supervisor_next((int)(long)listener, 0, 2).id;
    EQ(supervisor_send((int)(long)listener, id, 22, 0, 0), 0);
    return NULL;
}

/* Until a call is not the supervisor's any more. */
static void taken_back(int listener, uint64_t id) {
    while (supervisor_valid(listener, id) == 0) {
        guest_sleep(MILLISECOND);
    }
    EQ(errno, ENOENT);
    FAILS(ENOENT, supervisor_send(listener, id, 0, 0, 0));
}

GUEST("signals take a call back from its supervisor, and so does the end of its process") {
    SYS(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
    pid_t pid = guest_child(plain, NULL);
    int listener = supervisor_get(sockets[0]);
    uint64_t id = supervisor_next(listener, pid, 0).id;
    SYS(kill(pid, SIGUSR1));
    taken_back(listener, id);
    id = supervisor_next(listener, pid, 1).id;
    SYS(kill(pid, SIGUSR2));
    uint64_t again = supervisor_next(listener, pid, 1).id;
    CHECK(again != id);
    FAILS(ENOENT, supervisor_valid(listener, id));
    EQ(supervisor_send(listener, again, 11, 0, 0), 0);

    id = supervisor_next(listener, pid, 2).id;
    SYS(kill(pid, SIGSTOP));
    int status;
    EQ(SYS(waitpid(pid, &status, WUNTRACED)), pid);
    CHECK(WIFSTOPPED(status));
    taken_back(listener, id);
    pthread_t thread;
    PTHREAD(pthread_create(&thread, NULL, supervise, (void *)(long)listener));
    guest_settle();

    pid_t firm = guest_child(steady, NULL);
    int other = supervisor_get(sockets[0]);
    uint64_t kept = supervisor_next(other, firm, 4).id;
    SYS(kill(firm, SIGUSR1));
    checkpoint(); // one reads, one waits with a signal, one is stopped
    SYS(kill(pid, SIGCONT));
    PTHREAD(pthread_join(thread, NULL));
    EQ(supervisor_valid(other, kept), 0);
    EQ(supervisor_send(other, kept, 44, 0, 0), 0);

    kept = supervisor_next(other, firm, 5).id;
    SYS(kill(firm, SIGKILL));
    EQ(guest_status(firm), SIGKILL);
    FAILS(ENOENT, supervisor_valid(other, kept));
    EQ(supervisor_poll(other, -1), POLLHUP);
    EQ(supervisor_poll(listener, -1), POLLIN);
    SYS(kill(pid, SIGKILL)); // nobody has read it
    EQ(guest_status(pid), SIGKILL);
    EQ(supervisor_poll(listener, -1), POLLHUP);
}
