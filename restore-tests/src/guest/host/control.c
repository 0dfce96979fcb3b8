/*
 * One request to a sandbox's control socket, with descriptors, which Java's sockets do not send:
 *
 *   control SOCKET REQUEST [HOW:FILE...]
 *
 * HOW is r, w (a new file, or one made empty), a (the end of a file) or - for descriptor FILE of ours. Prints the
 * answer; status 1 when there is none.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* SCM_MAX_FD of Linux. */
#define DESCRIPTORS_MAX 253

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "control: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int opened(const char *word) {
    int fd = -1;
    if (word[0] == '\0' || word[1] != ':') {
        errno = EINVAL;
        fail(word);
    }
    switch (word[0]) {
    case 'r':
        fd = open(word + 2, O_RDONLY | O_NONBLOCK);
        break;
    case 'w':
        fd = open(word + 2, O_RDWR | O_CREAT | O_TRUNC, 0644);
        break;
    case 'a':
        fd = open(word + 2, O_WRONLY | O_CREAT | O_APPEND, 0644);
        break;
    case '-':
        fd = atoi(word + 2);
        break;
    }
    if (fd < 0) {
        fail(word);
    }
    return fd;
}

static void receive(int connection, void *target, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t count = read(connection, (char *)target + done, length - done);
        if (count <= 0) {
            fail("no answer");
        }
        done += (size_t)count;
    }
}

int main(int argc, char **argv) {
    int count = argc - 3;
    if (count < 0 || count > DESCRIPTORS_MAX) {
        fprintf(stderr, "control SOCKET REQUEST [HOW:FILE...]\n");
        return 1;
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(argv[1]) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        fail(argv[1]);
    }
    strcpy(address.sun_path, argv[1]);
    int connection = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof(address)) != 0) {
        fail(argv[1]);
    }
    char *control = calloc(1, CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int)));
    size_t length = strlen(argv[2]);
    uint32_t head = htonl((uint32_t)length);
    struct iovec vector[] = {{&head, sizeof(head)}, {argv[2], length}};
    struct msghdr message = {.msg_iov = vector, .msg_iovlen = 2};
    if (count > 0) {
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
        for (int i = 0; i < count; i++) {
            ((int *)CMSG_DATA(rights))[i] = opened(argv[3 + i]);
        }
    }
    if (sendmsg(connection, &message, MSG_NOSIGNAL) != (ssize_t)(sizeof(head) + length)) {
        fail("sending");
    }
    receive(connection, &head, sizeof(head));
    length = ntohl(head);
    char *answer = malloc(length + 1);
    if (answer == NULL) {
        fail("no memory");
    }
    receive(connection, answer, length);
    answer[length] = '\0';
    puts(answer);
    free(answer);
    free(control);
    return 0;
}
