/*
 * How much memory what a command leaves behind keeps resident:
 *   resident MILLIS COMMAND ARGUMENTS...
 * runs a command that ends and leaves processes, gives these some time to settle, and prints a line "kilobytes
 * nanoseconds": the sum of their proportional set sizes (Pss of proc(5), smaps_rollup), and how long the command took.
 * Whatever the command has started is found, for orphans of a child subreaper (prctl(2)) become its children.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROCESSES_MAX = 4096, PATH_BYTES = 64, LINE_BYTES = 512 };

static struct process {
    int pid;
    int parent;
} processes[PROCESSES_MAX];
static int process_count;

static void require(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "resident: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000 + time.tv_nsec;
}

/* The parent, fourth field of /proc/PID/stat, behind a name that may hold anything; -1 when the process has gone. */
static int parent_of(int pid)
{
    char path[PATH_BYTES];
    char line[LINE_BYTES];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return -1;
    int parent = -1;
    if (fgets(line, sizeof line, file)) {
        char *end = strrchr(line, ')');
        if (!end || sscanf(end, ") %*c %d", &parent) != 1)
            parent = -1;
    }
    fclose(file);
    return parent;
}

static void list_processes(void)
{
    DIR *folder = opendir("/proc");
    require(folder != NULL, "/proc");
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        int pid = atoi(entry->d_name);
        if (pid > 0 && process_count < PROCESSES_MAX)
            processes[process_count++] = (struct process){pid, parent_of(pid)};
    }
    closedir(folder);
}

static long kilobytes_of(int pid)
{
    char path[PATH_BYTES];
    char line[LINE_BYTES];
    long kilobytes = 0;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "Pss: %ld kB", &kilobytes) == 1)
            break;
    }
    fclose(file);
    return kilobytes;
}

/* Adds up a process's descendants. */
static long sum(int ancestor)
{
    long kilobytes = 0;
    for (int i = 0; i < process_count; i++) {
        if (processes[i].parent == ancestor)
            kilobytes += kilobytes_of(processes[i].pid) + sum(processes[i].pid);
    }
    return kilobytes;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: resident MILLIS COMMAND ARGUMENTS...\n");
        return 2;
    }
    long began = now();
    require(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0, "prctl");
    pid_t child = fork();
    require(child >= 0, "fork");
    if (child == 0) {
        /* Standard output is for our line alone. */
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execvp(argv[2], argv + 2);
        require(0, argv[2]);
    }
    int status;
    require(waitpid(child, &status, 0) == child, "waitpid");
    long nanoseconds = now() - began;
    if (status != 0) {
        fprintf(stderr, "resident: the command failed with wait status %d\n", status);
        return 1;
    }
    poll(NULL, 0, atoi(argv[1]));
    list_processes();
    printf("%ld %ld\n", sum(getpid()), nanoseconds);
    return 0;
}
