#include "guest.h"

static struct gate go;

int guest_helper(int argc, char **argv) {
    EQ(argc, 4);
    CHECK(strcmp(argv[1], "") == 0);
    CHECK(strcmp(argv[2], "two words") == 0);
    EQ(strlen(argv[3]), 100000);
    EQ(argv[3][99999], 'x');
    CHECK(strcmp(getenv("ONE"), "1=2") == 0);
    CHECK(getenv("GUEST_WORD") == NULL);
    char text[4];
    FAILS(EBADF, read(7, text, 1)); // close-on-exec
    EQ(read(8, text, 3), 3);
    CHECK(memcmp(text, "def", 3) == 0); // with the offset it had
    return 91;
}

static void child(void *unused) {
    (void)unused;
    static char big[100001];
    char *arguments[] = {"any name", "", "two words", big, NULL};
    char *environment[] = {"ONE=1=2", "TWO=", NULL};
    memset(big, 'x', sizeof big - 1);
    guest_write_file("file", "abcdef");
    int fd = SYS(open("file", O_RDONLY));
    SYS(dup3(fd, 7, O_CLOEXEC));
    SYS(dup2(fd, 8));
    EQ(lseek(8, 3, SEEK_SET), 3);
    gate_pass(&go);
    SYS(execve(guest_path(), arguments, environment));
}

GUEST("execve passes arguments, environment and open files") {
    gate_make(&go);
    pid_t pid = guest_child(child, NULL);
    guest_settle();
    checkpoint();
    gate_open(&go);
    EQ(WEXITSTATUS(guest_status(pid)), 91);
    guest_write_file("not a program", "text");
    char *arguments[] = {"x", NULL};
    FAILS(EACCES, execve("not a program", arguments, NULL));
    SYS(chmod("not a program", 0755));
    FAILS(ENOEXEC, execve("not a program", arguments, NULL));
    FAILS(ENOENT, execve("missing", arguments, NULL));
    FAILS(EACCES, execve(".", arguments, NULL));
}
