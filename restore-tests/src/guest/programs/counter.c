/*
 * Counts, one line of output for each number, and keeps the number in memory, in a file and in a pipe at once; when
 * they differ it says so and ends with status 3. Each line has a random number, too, which no two runs share.
 *
 *     counter [LAST]       ends with status 7 after LAST
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static long from_file(int fd) {
    char text[32] = "";
    return pread(fd, text, sizeof text - 1, 0) < 0 ? -1 : atol(text);
}

static long from_pipe(int fd) {
    long value;
    return read(fd, &value, sizeof value) != sizeof value ? -1 : value;
}

int main(int argc, char **argv) {
    long last = argc > 1 ? atol(argv[1]) : 0;
    int ends[2];
    char name[32];
    snprintf(name, sizeof name, "/tmp/count-%d", (int)getpid());
    int file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (file == -1 || pipe(ends) == -1) {
        perror("counter");
        return 2;
    }
    for (long count = 0;; count++) {
        unsigned long random;
        char text[32];
        if (count > 0 && (from_file(file) != count || from_pipe(ends[0]) != count)) {
            printf("the count of %ld differs\n", count);
            return 3;
        }
        if (getrandom(&random, sizeof random, 0) != sizeof random) {
            return 4;
        }
        printf("count %ld %016lx\n", count, random);
        fflush(stdout);
        if (last > 0 && count == last) {
            return 7;
        }
        long next = count + 1;
        memset(text, 0, sizeof text);
        snprintf(text, sizeof text, "%ld", next);
        if (pwrite(file, text, sizeof text, 0) != sizeof text
            || write(ends[1], &next, sizeof next) != sizeof next) {
            return 5;
        }
        struct timespec pause = {0, 5000000};
        nanosleep(&pause, NULL);
    }
}
