#include "guest.h"

/* What was written to a memfd can be run and mapped as code. */
int guest_helper(int argc, char **argv) {
    char path[100] = "";
    SYS(readlink("/proc/self/exe", path, sizeof(path) - 1));
    return argc == 2 && strcmp(argv[1], "x") == 0 && strcmp(path, "/memfd:copy (deleted)") == 0 ? 7 : 8;
}

static int program;

static void body(void *unused) {
    (void)unused;
    char *arguments[] = {"program", "x", NULL};
    char *environment[] = {NULL};
    SYS(syscall(SYS_execveat, program, "", arguments, environment, AT_EMPTY_PATH));
}

GUEST("a program in a memfd runs") {
    static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; // mov eax, 42; ret
    int fd = SYS(memfd_create("code", 0));
    EQ(write(fd, code, sizeof(code)), (long)sizeof(code));
    int (*function)(void) = SYS(mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0));
    EQ(function(), 42);
    int self = SYS(open("/proc/self/exe", O_RDONLY));
    int copy = SYS(memfd_create("copy", MFD_CLOEXEC));
    static char piece[1 << 16];
    long count;
    while ((count = SYS(read(self, piece, sizeof(piece)))) > 0)
        EQ(write(copy, piece, count), count);
    checkpoint();
    EQ(function(), 42);
    // Who has it open for writing keeps others from running it.
    char name[40];
    snprintf(name, sizeof(name), "/proc/self/fd/%d", copy);
    program = SYS(open(name, O_RDONLY));
    SYS(close(copy));
    EQ(WEXITSTATUS(guest_status(guest_child(body, NULL))), 7);
}
