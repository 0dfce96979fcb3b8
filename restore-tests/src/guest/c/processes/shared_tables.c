#include <sched.h>

#include "guest.h"

static volatile int fd = -1;
static struct gate ready, go;

static int child(void *unused) {
    (void)unused;
    gate_pass(&go);
    fd = open("file", O_RDWR | O_CREAT, 0644);
    CHECK(chdir("folder") == 0);
    gate_open(&ready);
    gate_pass(&go);
    return 93;
}

/* A process in all but memory: own number, the descriptors and the folder shared. */
GUEST("a clone that shares descriptors, folder and memory goes on sharing them") {
    char path[PATH_MAX];
    unsigned char *stack = guest_pages(16);
    gate_make(&ready);
    gate_make(&go);
    SYS(mkdir("folder", 0755));
    int flags = CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD;
    pid_t pid = SYS(clone(child, stack + 16 * PAGE, flags, NULL));
    guest_settle();
    checkpoint();
    gate_open(&go);
    gate_pass(&ready);
    EQ(write(fd, "x", 1), 1); // a descriptor that the other has opened
    CHECK(getcwd(path, sizeof path) != NULL);
    CHECK(strcmp(strrchr(path, '/'), "/folder") == 0);
    gate_open(&go);
    EQ(WEXITSTATUS(guest_status(pid)), 93);
    SYS(close(fd));
}
