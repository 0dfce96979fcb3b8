#include "guest.h"

static struct gate go;
static int fd;

static void child(void *unused) {
    (void)unused;
    gate_pass(&go);
    EQ(write(fd, "child", 5), 5);
}

GUEST("parent and child share the offset of a file open before the fork") {
    gate_make(&go);
    fd = SYS(open("file", O_RDWR | O_CREAT, 0644));
    EQ(write(fd, "parent ", 7), 7);
    pid_t pid = guest_child(child, NULL);
    checkpoint();
    gate_open(&go);
    REAP(pid);
    EQ(lseek(fd, 0, SEEK_CUR), 12);
    EQ(write(fd, " parent", 7), 7);
    CHECK(strcmp(guest_read_file("file"), "parent child parent") == 0);
}
