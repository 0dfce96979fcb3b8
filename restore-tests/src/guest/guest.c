/* What every guest test is linked with; guest.h says what for. */
#include "guest.h"

#include <stdarg.h>

extern const char guest_sentence[];
void guest_test(void);

/* Shared with the children, any of which may be the one to call checkpoint(). */
struct shared {
    volatile int checkpoints;
    volatile int waits;
};

static struct shared *shared;
static char path[PATH_MAX];

__attribute__((weak)) int guest_helper(int argc, char **argv) {
    fprintf(stderr, "%s: takes no arguments (%d: %s)\n", argv[0], argc - 1, argv[1]);
    return 2;
}

int main(int argc, char **argv) {
    if (realpath(argv[0], path) == NULL) { // a test may have started itself by any name
        snprintf(path, sizeof path, "%s", argv[0]);
    }
    if (argc > 1) {
        return guest_helper(argc, argv);
    }
    shared = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    shared->waits = getenv("GUEST_WAIT") != NULL;
    guest_test();
    EQ(shared->checkpoints, 1);
    return 0;
}

void checkpoint(void) {
    EQ(__sync_fetch_and_add(&shared->checkpoints, 1), 0);
    if (shared->waits) {
        char byte = 'r';
        ssize_t count;
        EQ(write(GUEST_READY_FD, &byte, 1), 1);
        do {
            count = read(GUEST_GO_FD, &byte, 1); // a test may have signals on their way
        } while (count == -1 && errno == EINTR);
        EQ(count, 1);
    }
}

const char *guest_path(void) {
    return path;
}

static const char *phase(void) {
    return shared == NULL ? "helper" : shared->checkpoints == 0 ? "setup" : "verify";
}

/* One write, so that lines of several processes do not mix; no buffer of stdio, so that it works anywhere. */
__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...) {
    char line[1024];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(line, sizeof line, format, values);
    va_end(values);
    if (length > (int)sizeof line - 1) {
        length = sizeof line - 1;
    }
    if (write(STDERR_FILENO, line, length) != length) {
        _exit(3);
    }
}

_Noreturn void guest_fail(const char *file, int line, const char *what) {
    int error = errno;
    complain("%s: %s:%d: %s (errno %d: %s)\n", phase(), file, line, what, error, strerror(error));
    _exit(1);
}

_Noreturn void guest_fail_compare(
    const char *file, int line, const char *what, long long actual, long long expected) {
    complain("%s: %s:%d: %s: %lld (%#llx) is not %lld (%#llx); errno is %d\n", phase(), file, line,
             what, actual, actual, expected, expected, errno);
    _exit(1);
}

int guest_status(pid_t pid) {
    int status = -1;
    pid_t ended;
    do {
        ended = waitpid(pid, &status, 0);
    } while (ended == -1 && errno == EINTR);
    EQ(ended, pid);
    return status;
}

pid_t guest_child(void (*body)(void *), void *argument) {
    pid_t pid = SYS(fork());
    if (pid == 0) {
        body(argument);
        _exit(0);
    }
    return pid;
}

void guest_settle(void) {
    guest_sleep(20 * MILLISECOND);
}

void guest_sleep(long nanoseconds) {
    struct timespec left = {nanoseconds / SECOND, nanoseconds % SECOND};
    while (nanosleep(&left, &left) == -1) {
        EQ(errno, EINTR);
    }
}

long long guest_now(clockid_t clock) {
    struct timespec now;
    SYS(clock_gettime(clock, &now));
    return now.tv_sec * SECOND + now.tv_nsec;
}

void *guest_pages(size_t count) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    return SYS(mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0));
}

static uint64_t word(size_t index, unsigned seed) {
    uint64_t mixed = (index + 1) * 0x9e3779b97f4a7c15ull + seed * 0xc2b2ae3d27d4eb4full;
    return mixed ^ mixed >> 29;
}

void guest_fill(void *memory, size_t size, unsigned seed) {
    unsigned char *bytes = memory;
    for (size_t i = 0; i < size; i += 8) {
        uint64_t value = word(i / 8, seed);
        memcpy(bytes + i, &value, size - i < 8 ? size - i : 8);
    }
}

bool guest_filled(const void *memory, size_t size, unsigned seed) {
    const unsigned char *bytes = memory;
    for (size_t i = 0; i < size; i += 8) {
        uint64_t value = word(i / 8, seed);
        if (memcmp(bytes + i, &value, size - i < 8 ? size - i : 8) != 0) {
            complain("differs from byte %zu on\n", i);
            return false;
        }
    }
    return true;
}

void gate_make(struct gate *gate) {
    SYS(pipe2(gate->ends, O_CLOEXEC));
}

void gate_open(struct gate *gate) {
    EQ(write(gate->ends[1], "g", 1), 1);
}

void gate_pass(struct gate *gate) {
    char byte;
    ssize_t count;
    do {
        count = read(gate->ends[0], &byte, 1);
    } while (count == -1 && errno == EINTR);
    EQ(count, 1);
}

void guest_handler(int signal, void (*handler)(int, siginfo_t *, void *), int flags) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO};
    SYS(sigaction(signal, &action, NULL));
}

static void change_mask(int how, int signal) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    PTHREAD(pthread_sigmask(how, &set, NULL));
}

void guest_block(int signal) {
    change_mask(SIG_BLOCK, signal);
}

void guest_unblock(int signal) {
    change_mask(SIG_UNBLOCK, signal);
}

char *guest_read_file(const char *name) {
    static char text[65536];
    int fd = SYS(open(name, O_RDONLY | O_CLOEXEC));
    size_t length = 0;
    ssize_t count;
    while ((count = SYS(read(fd, text + length, sizeof text - 1 - length))) > 0) {
        length += count;
    }
    text[length] = '\0';
    SYS(close(fd));
    return text;
}

void guest_write_file(const char *name, const char *text) {
    int fd = SYS(open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    EQ(write(fd, text, strlen(text)), strlen(text));
    SYS(close(fd));
}
