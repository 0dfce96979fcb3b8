/* What the tests of ptrace(2) share: a child that is traced, and its stops. */
#ifndef TRACEE_H
#define TRACEE_H

#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "guest.h"

/* Waits for a stop of a tracee and answers what Linux calls its exit code: the signal, and an event above it. */
static inline int tracee_stop(pid_t pid) {
    int status;
    EQ(SYS(waitpid(pid, &status, __WALL)), pid);
    CHECK(WIFSTOPPED(status));
    return status >> 8;
}

static inline void tracee_go(int request, pid_t pid, long signal) {
    SYS(ptrace((enum __ptrace_request)request, pid, NULL, signal));
}

/* Lets a tracee go on to its next stop. */
static inline int tracee_next(int request, pid_t pid, long signal) {
    tracee_go(request, pid, signal);
    return tracee_stop(pid);
}

/* A child that asks to be traced and stops itself before it runs the function. */
struct tracee_start {
    void (*body)(void *);
    void *argument;
};

static inline void tracee_main(void *start) {
    struct tracee_start *given = start;
    SYS(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    SYS(raise(SIGSTOP));
    given->body(given->argument);
}

static inline pid_t tracee_child(void (*body)(void *), void *argument) {
    struct tracee_start start = {body, argument};
    pid_t pid = guest_child(tracee_main, &start);
    EQ(tracee_stop(pid), SIGSTOP);
    return pid;
}

static inline struct user_regs_struct tracee_registers(pid_t pid) {
    struct user_regs_struct registers;
    SYS(ptrace(PTRACE_GETREGS, pid, NULL, &registers));
    return registers;
}

static inline long tracee_peek(pid_t pid, const void *address) {
    errno = 0;
    long word = ptrace(PTRACE_PEEKDATA, pid, address, NULL);
    EQ(errno, 0);
    return word;
}

static inline siginfo_t tracee_information(pid_t pid) {
    siginfo_t info;
    SYS(ptrace(PTRACE_GETSIGINFO, pid, NULL, &info));
    return info;
}

/* A line of /proc/PID/status, without its name. */
static inline const char *tracee_status(pid_t pid, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    char *line = strstr(guest_read_file(path), name);
    CHECK(line != NULL);
    return line + strlen(name) + 2; /* a colon and a tab */
}

#endif
