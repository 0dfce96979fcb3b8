#include "guest.h"

int guest_helper(int argc, char **argv) {
    (void)argc;
    (void)argv;
    char byte;
    SYS(write(1, "x", 1));
    SYS(read(0, &byte, 1));
    return 7;
}

static void copy_program(const char *to) {
    char block[1 << 16];
    ssize_t count;
    int in = SYS(open(guest_path(), O_RDONLY));
    int out = SYS(open(to, O_WRONLY | O_CREAT | O_TRUNC, 0700));
    while ((count = SYS(read(in, block, sizeof block))) > 0) {
        EQ(write(out, block, count), count);
    }
    SYS(close(in));
    SYS(close(out));
}

GUEST("a program cannot be written while it runs, nor run while it is written") {
    struct gate ready, go;
    gate_make(&ready);
    gate_make(&go);
    copy_program("program");
    int writer = SYS(open("program", O_WRONLY | O_CLOEXEC));
    char *arguments[] = {"program", "run", NULL};
    FAILS(ETXTBSY, execv("program", arguments));
    SYS(close(writer));
    pid_t pid = SYS(fork());
    if (pid == 0) {
        SYS(dup2(go.ends[0], 0));
        SYS(dup2(ready.ends[1], 1));
        SYS(execv("program", arguments));
    }
    gate_pass(&ready);
    FAILS(ETXTBSY, open("program", O_WRONLY));
    FAILS(ETXTBSY, open("program", O_RDWR));
    FAILS(ETXTBSY, truncate("program", 0));
    checkpoint();
    FAILS(ETXTBSY, open("program", O_WRONLY));
    SYS(close(SYS(open("program", O_RDONLY))));
    gate_open(&go);
    EQ(WEXITSTATUS(guest_status(pid)), 7);
    SYS(close(SYS(open("program", O_WRONLY | O_TRUNC))));
    /* What may not run is forgotten. */
    SYS(chmod("program", 0700));
    FAILS(ENOEXEC, execv("program", arguments));
    SYS(close(SYS(open("program", O_WRONLY))));
}
