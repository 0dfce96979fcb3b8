#include "tracee.h"

static void *thread(void *unused) {
    return unused;
}

static void body(void *unused) {
    (void)unused;
    pid_t child = fork();
    if (child == 0) {
        _exit(7);
    }
    EQ(WEXITSTATUS(guest_status(child)), 7);
    child = vfork();
    if (child == 0) {
        _exit(8);
    }
    EQ(WEXITSTATUS(guest_status(child)), 8);
    pthread_t other;
    PTHREAD(pthread_create(&other, NULL, thread, NULL));
    PTHREAD(pthread_join(other, NULL));
}

static unsigned long message(pid_t pid) {
    unsigned long value;
    SYS(ptrace(PTRACE_GETEVENTMSG, pid, NULL, &value));
    return value;
}

/* Lets the tracee go on to an event, past the signals of its children's ends. */
static pid_t until_event(pid_t pid, int event) {
    int stop = tracee_next(PTRACE_CONT, pid, 0);
    while (stop == SIGCHLD) {
        stop = tracee_next(PTRACE_CONT, pid, SIGCHLD);
    }
    EQ(stop, SIGTRAP | event << 8);
    return (pid_t)message(pid);
}

GUEST("children and threads of a tracee are tracees too, from their first instruction") {
    pid_t pid = tracee_child(body, NULL);
    SYS(ptrace(PTRACE_SETOPTIONS, pid, NULL,
               PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEVFORKDONE
                   | PTRACE_O_TRACEEXIT));
    pid_t child = until_event(pid, PTRACE_EVENT_FORK);
    EQ(tracee_stop(child), SIGSTOP);
    checkpoint();
    EQ(tracee_next(PTRACE_CONT, child, 0), SIGTRAP | PTRACE_EVENT_EXIT << 8);
    EQ(message(child), 7 << 8);
    tracee_go(PTRACE_CONT, child, 0);
    EQ(WEXITSTATUS(guest_status(child)), 7); // the tracer first, then the parent

    child = until_event(pid, PTRACE_EVENT_VFORK);
    EQ(tracee_stop(child), SIGSTOP);
    tracee_go(PTRACE_CONT, pid, 0);
    EQ(tracee_next(PTRACE_CONT, child, 0), SIGTRAP | PTRACE_EVENT_EXIT << 8);
    tracee_go(PTRACE_CONT, child, 0);
    EQ(WEXITSTATUS(guest_status(child)), 8);
    EQ(tracee_stop(pid), SIGTRAP | PTRACE_EVENT_VFORK_DONE << 8);
    EQ(message(pid), child);

    child = until_event(pid, PTRACE_EVENT_CLONE);
    EQ(tracee_stop(child), SIGSTOP);
    tracee_go(PTRACE_CONT, pid, 0);
    EQ(tracee_next(PTRACE_CONT, child, 0), SIGTRAP | PTRACE_EVENT_EXIT << 8);
    tracee_go(PTRACE_CONT, child, 0);
    int status;
    EQ(SYS(waitpid(child, &status, __WALL)), child); // the end of a thread
    EQ(status, 0);
    EQ(tracee_stop(pid), SIGTRAP | PTRACE_EVENT_EXIT << 8);
    tracee_go(PTRACE_CONT, pid, 0);
    REAP(pid);
}
