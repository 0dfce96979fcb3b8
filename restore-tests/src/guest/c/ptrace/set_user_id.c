#include "tracee.h"

int guest_helper(int argc, char **argv) {
    (void)argc;
    (void)argv;
    return geteuid() == 0 ? 10 : 11;
}

static int program;

static void body(void *unused) {
    (void)unused;
    char *arguments[] = {"program", "x", NULL};
    char *environment[] = {NULL};
    SYS(syscall(SYS_execveat, program, "", arguments, environment, AT_EMPTY_PATH));
}

/* One without privileges runs a program that has some. */
static void weak(void *unused) {
    (void)unused;
    SYS(setgid(1234));
    SYS(setuid(1234));
    pid_t pid = guest_child(body, NULL);
    EQ(WEXITSTATUS(guest_status(pid)), 10);
    pid = tracee_child(body, NULL);
    EQ(tracee_next(PTRACE_CONT, pid, 0), SIGTRAP);
    tracee_go(PTRACE_CONT, pid, 0);
    EQ(WEXITSTATUS(guest_status(pid)), 11);
}

static void copy_program(void) {
    static char piece[65536];
    int from = SYS(open(guest_path(), O_RDONLY));
    int to = SYS(open("program", O_WRONLY | O_CREAT, 0755));
    ssize_t count;
    while ((count = SYS(read(from, piece, sizeof piece))) > 0) {
        EQ(SYS(write(to, piece, (size_t)count)), count);
    }
    SYS(fchmod(to, 04755));
    SYS(close(to));
    SYS(close(from));
}

GUEST("a traced program does not gain the privileges of its file's owner") {
    copy_program();
    program = SYS(open("program", O_PATH));
    REAP(guest_child(weak, NULL));
    checkpoint();
    REAP(guest_child(weak, NULL));
}
