/*
 * A terminal for a test: its end of a pseudo terminal, of which the test sees lines.
 *
 *   terminal listen SOCKET     the master that somebody sends over a unix socket
 *   terminal deaf SOCKET       a unix socket that takes connections and never looks at them
 *   terminal run COMMAND...    a command with a terminal of its own, which controls it
 *
 * What programs write comes out as it is, without carriage returns. Lines on standard input say what to do:
 *   type TEXT      types a line
 *   keys TEXT      types a text without an end of line, and waits until it is echoed: "@@echoed"
 *   control C      types control and a character
 *   size ROWS COLUMNS
 *   close          closes the master
 * Lines of its own begin with @@: listening, terminal, echoed, hung up, status N.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_SIZE 4096

static int master = -1;

/* What is to be echoed, and how much of it has been. */
static char echo[LINE_SIZE];
static size_t echoed;

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "terminal: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void say(const char *line) {
    printf("%s\n", line);
    fflush(stdout);
}

static int listener(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || strlen(path) >= sizeof(address.sun_path)) {
        fail(path);
    }
    strcpy(address.sun_path, path);
    unlink(path);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 5) != 0) {
        fail(path);
    }
    say("@@listening");
    return fd;
}

/* The one descriptor of the first message on the first connection. */
static int received(int socket) {
    char name[LINE_SIZE];
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec vector = {name, sizeof(name)};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control),
    };
    int connection = accept4(socket, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0 || recvmsg(connection, &message, MSG_CMSG_CLOEXEC) <= 0) {
        fail("no message");
    }
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head == NULL || head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(sizeof(int))) {
        errno = EBADMSG;
        fail("no descriptor");
    }
    int fd;
    memcpy(&fd, CMSG_DATA(head), sizeof(fd));
    close(connection);
    close(socket);
    return fd;
}

static pid_t started(char **words) {
    pid_t pid = forkpty(&master, NULL, NULL, NULL);
    if (pid < 0) {
        fail("forkpty");
    }
    if (pid == 0) {
        execvp(words[0], words);
        fail(words[0]);
    }
    return pid;
}

static void type(const char *text, size_t size) {
    while (size > 0) {
        ssize_t done = write(master, text, size);
        if (done < 0) {
            fail("typing");
        }
        text += done;
        size -= done;
    }
}

static void obey(char *line) {
    char *text = strchr(line, ' ');
    text = text == NULL ? line + strlen(line) : text + 1;
    if (strncmp(line, "type ", 5) == 0) {
        type(text, strlen(text));
        type("\r", 1);
    } else if (strncmp(line, "keys ", 5) == 0) {
        strcpy(echo, text);
        echoed = 0;
        type(text, strlen(text));
    } else if (strncmp(line, "control ", 8) == 0) {
        char key = text[0] & 0x1f;
        type(&key, 1);
    } else if (strncmp(line, "size ", 5) == 0) {
        char *columns;
        struct winsize size = {.ws_row = strtoul(text, &columns, 10)};
        size.ws_col = strtoul(columns, NULL, 10);
        if (ioctl(master, TIOCSWINSZ, &size) != 0) {
            fail("size");
        }
    } else if (strcmp(line, "close") == 0) {
        close(master);
        exit(0);
    } else {
        errno = EINVAL;
        fail(line);
    }
}

/* One byte that a program wrote. */
static void show(char byte) {
    if (byte != '\r') {
        putchar(byte);
    }
    if (echo[0] != 0) {
        echoed = byte == echo[echoed] ? echoed + 1 : byte == echo[0];
        if (echo[echoed] == 0) {
            echo[0] = 0;
            say("\n@@echoed");
        }
    }
}

/* Goes on until the terminal is hung up. */
static void relay(void) {
    char line[LINE_SIZE];
    size_t length = 0;
    struct pollfd polled[] = {{.fd = master, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
    while (true) {
        if (poll(polled, 2, -1) < 0) {
            fail("poll");
        }
        if (polled[0].revents != 0) {
            char bytes[LINE_SIZE];
            ssize_t count = read(master, bytes, sizeof(bytes));
            if (count <= 0) {
                return;
            }
            for (ssize_t i = 0; i < count; i++) {
                show(bytes[i]);
            }
            fflush(stdout);
        }
        if (polled[1].revents != 0) {
            if (read(0, line + length, 1) != 1) {
                polled[1].fd = -1;
            } else if (line[length] == '\n') {
                line[length] = 0;
                length = 0;
                obey(line);
            } else if (++length == sizeof(line)) {
                errno = E2BIG;
                fail("line");
            }
        }
    }
}

int main(int argc, char **argv) {
    if (argc >= 3 && strcmp(argv[1], "run") == 0) {
        int status;
        pid_t pid = started(argv + 2);
        relay();
        say("\n@@hung up");
        if (waitpid(pid, &status, 0) != pid) {
            fail("waitpid");
        }
        printf("@@status %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    } else if (argc == 3 && strcmp(argv[1], "listen") == 0) {
        master = received(listener(argv[2]));
        say("@@terminal");
        relay();
        say("\n@@hung up");
    } else if (argc == 3 && strcmp(argv[1], "deaf") == 0) {
        listener(argv[2]);
        while (getchar() != EOF) {
            /* Until its input ends. */
        }
    } else {
        fprintf(stderr, "usage: terminal listen|deaf SOCKET, terminal run COMMAND...\n");
        return 2;
    }
    return 0;
}
