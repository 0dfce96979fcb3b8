// hoard DIRECTORY: opens as many new files there as it can, says which error stopped it, lets go of all, and goes on as if
// nothing had been.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 30000

static int fds[MOST];

static int hoard(const char *directory)
{
    int count = 0;
    while (count < MOST) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%d", directory, count);
        fds[count] = open(path, O_RDWR | O_CREAT, 0600);
        if (fds[count] < 0 || write(fds[count], path, strlen(path)) < 0)
            break;
        count++;
    }
    return count;
}

int main(int argc, char **argv)
{
    struct rlimit limit = {MOST + 100, MOST + 100};
    if (argc != 2 || setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 2;
    for (int round = 0; round < 3; round++) {
        int count = hoard(argv[1]);
        printf("%s after %s\n", strerrorname_np(errno), count > 20 ? "many" : "few");
        for (int i = 0; i < count; i++)
            close(fds[i]);
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(open(argv[1], O_RDONLY | O_DIRECTORY) < 0);
    int status = -1;
    waitpid(child, &status, 0);
    printf("child %d\n", status);
    return 0;
}
