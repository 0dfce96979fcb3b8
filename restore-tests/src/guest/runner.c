/*
 * Runs guest tests one after another and says on standard output how each ended. In the sandbox it is the
 * container's first process; natively it does the same, so that one harness reads both.
 *
 *     runner [--wait] [--limit SECONDS] PROGRAMS FOLDER TEST...
 *
 * PROGRAMS holds the programs (TEST is a path below it), FOLDER is where each gets a folder of its own. With --wait
 * all tests are brought to their checkpoint() first; then "@@ready" is printed, one byte is read from standard
 * input, and the tests go on one after another. So one checkpoint serves many tests.
 *
 * Output: "@@pass TEST MILLISECONDS", "@@fail TEST HOW" followed by what the test printed, each line after "| ", and
 * "@@done FAILURES" as the last line.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

#define TESTS_MAX 256 /* three descriptors each stay below GUEST_READY_FD */
#define TEXT_MAX 16384

enum state { RUNNING, READY, ENDED, REPORTED };

struct test {
    const char *name;
    enum state state;
    pid_t pid;
    int status;
    bool late;   /* killed because its time was over */
    int ready;   /* read end: a byte says that checkpoint() was reached */
    int go;      /* write end: a byte lets checkpoint() return */
    int out;     /* read end of what the test prints */
    long long spent;
    long long since; /* nanoseconds, when it was last let run */
    size_t length;
    char text[TEXT_MAX];
};

static struct test tests[TESTS_MAX];
static int count;
static int failures;
static int limit_seconds = 60;
static bool waits;
static int child_ended[2];
static char programs[PATH_MAX];
static char folder[PATH_MAX];

static _Noreturn void die(const char *what) {
    printf("@@broken %s: %s\n", what, strerror(errno));
    fflush(stdout);
    _exit(2);
}

static long long now(void) {
    struct timespec time;
    if (clock_gettime(CLOCK_MONOTONIC, &time) == -1) {
        die("clock_gettime");
    }
    return time.tv_sec * SECOND + time.tv_nsec;
}

static void on_child(int signal) {
    int error = errno;
    (void)signal;
    if (write(child_ended[1], "c", 1) == -1 && errno != EAGAIN) {
        _exit(2);
    }
    errno = error;
}

static void make_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) == -1) {
        die("pipe2");
    }
}

/* In the new process: what a test finds when it starts. */
static _Noreturn void become(struct test *test, int ready, int go, int out) {
    char own[2 * PATH_MAX], path[2 * PATH_MAX];
    int empty = open("/dev/null", O_RDONLY | O_CLOEXEC);
    snprintf(path, sizeof path, "%s/%s", programs, test->name);
    snprintf(own, sizeof own, "%s/%s", folder, test->name);
    for (char *c = own + strlen(folder) + 1; *c != '\0'; c++) {
        *c = *c == '/' ? '.' : *c;
    }
    for (int number = 1; number < NSIG; number++) {
        signal(number, SIG_DFL); // a shell's background job, which we may be, ignores SIGINT
    }
    if (mkdir(own, 0777) == -1 || chdir(own) == -1 || setpgid(0, 0) == -1 || empty == -1
        || dup2(empty, 0) == -1 || dup2(out, 1) == -1 || dup2(out, 2) == -1
        || dup2(ready, GUEST_READY_FD) == -1 || dup2(go, GUEST_GO_FD) == -1) {
        dprintf(out, "cannot start: %s\n", strerror(errno));
        _exit(126);
    }
    char *arguments[] = {path, NULL};
    char *environment[] = {
        "PATH=/usr/bin:/bin", "HOME=/", "GUEST_WORD=kept", waits ? "GUEST_WAIT=1" : NULL, NULL};
    execve(path, arguments, environment);
    dprintf(2, "cannot execute %s: %s\n", path, strerror(errno));
    _exit(127);
}

static void start(struct test *test) {
    int ready[2], go[2], out[2];
    make_pipe(ready);
    make_pipe(go);
    make_pipe(out);
    test->since = now();
    test->pid = fork();
    if (test->pid == -1) {
        die("fork");
    }
    if (test->pid == 0) {
        become(test, ready[1], go[0], out[1]);
    }
    close(ready[1]);
    close(go[0]);
    close(out[1]);
    test->ready = ready[0];
    test->go = go[1];
    test->out = out[0];
    if (fcntl(test->out, F_SETFL, O_NONBLOCK) == -1) {
        die("fcntl");
    }
}

/* Takes what the test has printed so far; what is too much is dropped. */
static void collect(struct test *test) {
    char piece[4096];
    ssize_t got;
    while ((got = read(test->out, piece, sizeof piece)) > 0) {
        size_t room = TEXT_MAX - test->length;
        size_t kept = (size_t)got < room ? (size_t)got : room;
        memcpy(test->text + test->length, piece, kept);
        test->length += kept;
    }
    if (got == 0) {
        close(test->out);
        test->out = -1;
    }
}

static void reap(void) {
    char bytes[64];
    int status;
    pid_t pid;
    while (read(child_ended[0], bytes, sizeof bytes) > 0) {
    }
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (int i = 0; i < count; i++) {
            if (tests[i].pid == pid && tests[i].state < ENDED) {
                tests[i].state = ENDED;
                tests[i].status = status;
                kill(-pid, SIGKILL); // whoever it left behind
            }
        }
    }
}

/* Waits for one event, at most so long; false when nothing came. */
static bool wait_event(struct test *test, long long nanoseconds) {
    static struct pollfd polled[TESTS_MAX + 2];
    int used = 0;
    polled[used++] = (struct pollfd){.fd = child_ended[0], .events = POLLIN};
    polled[used++] = (struct pollfd){
        .fd = test->state == RUNNING ? test->ready : -1, .events = POLLIN};
    for (int i = 0; i < count; i++) {
        int fd = tests[i].pid != 0 && tests[i].state < REPORTED ? tests[i].out : -1;
        polled[used++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    int events = poll(polled, used, (int)(nanoseconds / MILLISECOND) + 1);
    if (events == -1 && errno != EINTR) {
        die("poll");
    }
    for (int i = 0; i < count; i++) {
        if (polled[i + 2].fd != -1 && polled[i + 2].revents != 0) {
            collect(&tests[i]);
        }
    }
    char byte;
    if (polled[1].fd != -1 && polled[1].revents & POLLIN && read(test->ready, &byte, 1) == 1) {
        test->state = READY;
    } else if (polled[1].revents & POLLHUP) {
        close(test->ready);
        test->ready = -1;
    }
    reap();
    return events != 0;
}

/* Adds the first line of a file of /proc/PID to what the test has said. */
static void tell(struct test *test, const char *pid, const char *name) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%.16s/%s", pid, name);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        size_t room = TEXT_MAX - test->length;
        if (fscanf(file, "%511[^\n]", text) == 1 && strlen(name) + strlen(text) + 4 < room) {
            test->length += (size_t)sprintf(test->text + test->length, "%s: %s\n", name, text);
        }
        fclose(file);
    }
}

/* What a test that does not end is doing: all processes of its name. */
static void tell_processes(struct test *test) {
    const char *slash = strrchr(test->name, '/');
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc != NULL && (entry = readdir(proc)) != NULL;) {
        char path[64], name[64] = "";
        snprintf(path, sizeof path, "/proc/%.16s/comm", entry->d_name);
        FILE *file = fopen(path, "re");
        if (file != NULL) {
            bool ours = fscanf(file, "%63s", name) == 1
                && strncmp(name, slash == NULL ? test->name : slash + 1, 15) == 0;
            fclose(file);
            if (ours) {
                tell(test, entry->d_name, "stat");
                tell(test, entry->d_name, "wchan");
                tell(test, entry->d_name, "syscall");
            }
        }
    }
    if (proc != NULL) {
        closedir(proc);
    }
}

/* Until the test has ended or stands at its checkpoint. */
static void await(struct test *test) {
    test->state = RUNNING;
    long long end = now() + limit_seconds * SECOND;
    while (test->state == RUNNING) {
        long long left = end - now();
        if (left <= 0 && !test->late) {
            test->late = true;
            tell_processes(test);
            kill(-test->pid, SIGKILL);
            kill(test->pid, SIGKILL);
            end = now() + limit_seconds * SECOND;
        } else if (left <= 0) {
            errno = ETIMEDOUT;
            die("a test cannot be killed");
        }
        wait_event(test, left <= 0 ? SECOND : left);
    }
    test->spent += now() - test->since;
}

static void report(struct test *test) {
    if (test->out != -1) {
        collect(test);
    }
    if (test->status == 0 && !test->late) {
        printf("@@pass %s %lld\n", test->name, test->spent / MILLISECOND);
    } else {
        failures++;
        if (test->late) {
            printf("@@fail %s not ended after %d s\n", test->name, limit_seconds);
        } else if (WIFSIGNALED(test->status)) {
            printf("@@fail %s killed by signal %d\n", test->name, WTERMSIG(test->status));
        } else {
            printf("@@fail %s exit status %d\n", test->name, WEXITSTATUS(test->status));
        }
    }
    for (size_t at = 0; at < test->length;) {
        char *line = test->text + at;
        char *end = memchr(line, '\n', test->length - at);
        size_t length = end == NULL ? test->length - at : (size_t)(end - line);
        printf("| %.*s\n", (int)length, line);
        at += length + 1;
    }
    fflush(stdout);
    test->state = REPORTED;
    close(test->go);
    if (test->out != -1) {
        close(test->out);
    }
    if (test->ready != -1) {
        close(test->ready);
    }
}

/* Natively nobody else ends what tests have left behind: as their subreaper we are their parent by now. */
static void kill_rest(void) {
    for (;;) {
        FILE *children = fopen("/proc/thread-self/children", "re");
        int pid, found = 0;
        while (children != NULL && fscanf(children, "%d", &pid) == 1) {
            found++;
            kill(pid, SIGKILL);
        }
        if (children != NULL) {
            fclose(children);
        }
        if (found == 0 || (waitpid(-1, NULL, 0) == -1 && errno == ECHILD)) {
            return;
        }
    }
}

static void options(int argc, char **argv) {
    int at = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        if (strcmp(argv[at], "--wait") == 0) {
            waits = true;
        } else if (strcmp(argv[at], "--limit") == 0 && at + 1 < argc) {
            limit_seconds = atoi(argv[++at]);
        } else {
            errno = EINVAL;
            die(argv[at]);
        }
    }
    if (argc - at < 3 || argc - at - 2 > TESTS_MAX) {
        errno = EINVAL;
        die("arguments");
    }
    if (realpath(argv[at], programs) == NULL || realpath(argv[at + 1], folder) == NULL) {
        die("folders");
    }
    for (int i = at + 2; i < argc; i++) {
        tests[count++].name = argv[i];
    }
}

int main(int argc, char **argv) {
    options(argc, argv);
    if (pipe2(child_ended, O_CLOEXEC | O_NONBLOCK) == -1) {
        die("pipe2");
    }
    signal(SIGPIPE, SIG_IGN); // a test may end just before it is told to go on
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    if (sigaction(SIGCHLD, &action, NULL) == -1 || prctl(PR_SET_CHILD_SUBREAPER, 1) == -1) {
        die("set-up");
    }
    for (int i = 0; i < count; i++) {
        start(&tests[i]);
        await(&tests[i]);
        if (tests[i].state == ENDED) {
            report(&tests[i]);
        }
    }
    if (waits) {
        char byte;
        printf("@@ready\n");
        fflush(stdout);
        if (read(0, &byte, 1) != 1) {
            die("standard input");
        }
        for (int i = 0; i < count; i++) {
            if (tests[i].state == READY) {
                tests[i].since = now();
                if (write(tests[i].go, "g", 1) != 1 && errno != EPIPE) {
                    die("write");
                }
                await(&tests[i]);
            }
            if (tests[i].state == ENDED) {
                report(&tests[i]);
            }
        }
    }
    if (getpid() != 1) {
        kill_rest();
    }
    printf("@@done %d\n", failures);
    fflush(stdout);
    return failures == 0 ? 0 : 1;
}
