/*
 * Asks to be saved, again and again: for each line on standard input once. Tells after each on which side of the save
 * it is, having tried what /proc/gvisor/checkpoint does not take.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char FILE_NAME[] = "/proc/gvisor/checkpoint";

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("line %d: %s, errno %s\n", __LINE__, #condition, strerror(errno));             \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

static int opened(int flags) {
    int fd = open(FILE_NAME, flags);
    EXPECT(fd >= 0);
    return fd;
}

static int fails(int fd, const char *text, int error) {
    errno = 0;
    return write(fd, text, strlen(text)) == -1 && errno == error;
}

static short events(int fd, int milliseconds) {
    struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT};
    EXPECT(poll(&one, 1, milliseconds) >= 0);
    return one.revents;
}

int main(void) {
    char line[64];
    char answer[64];
    int other = opened(O_RDONLY | O_NONBLOCK);
    setvbuf(stdout, NULL, _IOLBF, 0);
    EXPECT(read(other, answer, sizeof(answer)) == -1 && errno == EAGAIN);
    while (fgets(line, sizeof(line), stdin) != NULL) {
        int fd = opened(O_RDWR | O_TRUNC);
        EXPECT(lseek(fd, 0, SEEK_SET) == -1 && errno == ESPIPE);
        EXPECT(fails(fd, "2\n", EINVAL) && fails(fd, "1 1", EINVAL) && fails(fd, "111111111", EINVAL));
        EXPECT(fails(other, "1", EBADF));
        EXPECT(pread(fd, answer, 1, 0) == -1 && errno == ESPIPE);
        EXPECT(events(fd, 0) == POLLOUT);
        EXPECT(write(fd, "1\n", 2) == 2);
        struct pollfd one = {.fd = fd, .events = POLLIN};
        EXPECT(poll(&one, 1, -1) == 1 && one.revents == POLLIN);
        EXPECT(read(fd, answer, 0) == 0);
        size_t length = 0;
        ssize_t count;
        while ((count = read(fd, answer + length, 3)) > 0) {
            length += (size_t)count;
        }
        if (count < 0) {
            printf("failed: %s\n", strerror(errno));
        } else {
            printf("%.*s\n", (int)length, answer);
        }
        EXPECT(close(fd) == 0);
    }
    EXPECT(events(other, 0) == (POLLIN | POLLOUT));
    printf("done\n");
    return 0;
}
