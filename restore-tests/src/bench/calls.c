/*
 * What single operations take: prints a line "name nanoseconds" for each of the names given, all of them without one.
 *   calls [--millis N] [NAME...]
 * An operation is first done for N milliseconds without measuring, so that a system that compiles while it runs has
 * done so, and then measured for as long.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096, FAULT_PAGES = 2048, PIPE_BYTES = 4096 };

static const char *self;
static int pipe_ends[2];
static char block[PIPE_BYTES];

static void require(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "calls: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static double now_nanos(void)
{
    struct timespec now;
    require(clock_gettime(CLOCK_MONOTONIC, &now) == 0, "clock_gettime");
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Each operation runs `count` times and returns the time that counts. */

static double get_pid(int count)
{
    double start = now_nanos();
    for (int i = 0; i < count; i++)
        getpid();
    return now_nanos() - start;
}

/* The bytes come in large pieces, outside the clock. */
static double read_byte(int count)
{
    double nanos = 0;
    for (int done = 0; done < count;) {
        int piece = count - done < PIPE_BYTES ? count - done : PIPE_BYTES;
        require(write(pipe_ends[1], block, (size_t)piece) == piece, "write to a pipe");
        char byte;
        double start = now_nanos();
        for (int i = 0; i < piece; i++)
            require(read(pipe_ends[0], &byte, 1) == 1, "read from a pipe");
        nanos += now_nanos() - start;
        done += piece;
    }
    return nanos;
}

static double open_close(int count)
{
    double start = now_nanos();
    for (int i = 0; i < count; i++) {
        int fd = open(self, O_RDONLY);
        require(fd >= 0, self);
        close(fd);
    }
    return now_nanos() - start;
}

static void await_child(pid_t child)
{
    int status = -1;
    require(child > 0 && waitpid(child, &status, 0) == child && status == 0, "child");
}

static double fork_wait(int count)
{
    double start = now_nanos();
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        await_child(child);
    }
    return now_nanos() - start;
}

static double fork_exec_wait(int count)
{
    char *const arguments[] = {(char *)self, "--nothing", NULL};
    double start = now_nanos();
    for (int i = 0; i < count; i++) {
        pid_t child = fork();
        if (child == 0) {
            execv(self, arguments);
            _exit(1);
        }
        await_child(child);
    }
    return now_nanos() - start;
}

/* First touches of fresh anonymous memory; making and removing it is outside the clock. */
static double page_fault(int count)
{
    double nanos = 0;
    for (int done = 0; done < count; done += FAULT_PAGES) {
        int pages = count - done < FAULT_PAGES ? count - done : FAULT_PAGES;
        size_t bytes = (size_t)pages * PAGE_BYTES;
        char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        require(memory != MAP_FAILED, "mmap");
        require(madvise(memory, bytes, MADV_NOHUGEPAGE) == 0 || errno == EINVAL, "madvise");
        double start = now_nanos();
        for (int i = 0; i < pages; i++)
            ((volatile char *)memory)[(size_t)i * PAGE_BYTES] = 1;
        nanos += now_nanos() - start;
        require(munmap(memory, bytes) == 0, "munmap");
    }
    return nanos;
}

static void *nothing(void *argument)
{
    return argument;
}

static double thread_join(int count)
{
    double start = now_nanos();
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        require((errno = pthread_create(&thread, NULL, nothing, NULL)) == 0, "pthread_create");
        require((errno = pthread_join(thread, NULL)) == 0, "pthread_join");
    }
    return now_nanos() - start;
}

static const struct operation {
    const char *name;
    double (*run)(int count);
} operations[] = {
    {"getpid", get_pid},         {"read", read_byte},       {"open", open_close},     {"fork", fork_wait},
    {"exec", fork_exec_wait},    {"fault", page_fault},     {"thread", thread_join},
};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

/* As often as fits into the time; returns nanoseconds of one. */
static double average(const struct operation *operation, double limit_nanos)
{
    double nanos = 0;
    double done = 0;
    int count = 1;
    double end = now_nanos() + limit_nanos;
    do {
        double took = operation->run(count);
        nanos += took;
        done += count;
        if (took < limit_nanos / 20 && count < 1 << 20)
            count *= 2;
    } while (now_nanos() < end);
    return nanos / done;
}

static int is_wanted(const char *name, char **names, int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return 1;
    }
    return count == 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--nothing") == 0)
        return 0;
    self = argv[0];
    double limit_nanos = 3e8;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "--millis") == 0) {
        limit_nanos = atof(argv[2]) * 1e6;
        first = 3;
    }
    require(pipe(pipe_ends) == 0, "pipe");
    for (int i = 0; i < OPERATIONS; i++) {
        if (is_wanted(operations[i].name, argv + first, argc - first)) {
            average(&operations[i], limit_nanos);
            printf("%s %.1f\n", operations[i].name, average(&operations[i], limit_nanos));
            fflush(stdout);
        }
    }
    return 0;
}
