#include "guest.h"

static struct gate ready, go;
static volatile bool *over;

int guest_helper(int argc, char **argv) {
    EQ(argc, 3);
    CHECK(strcmp(argv[1], "an argument") == 0);
    return atoi(argv[2]);
}

/* A parent that waits in vfork while its child, in the same memory, waits for the checkpoint. */
static void parent(void *unused) {
    volatile int seen = 1;
    (void)unused;
    pid_t pid = vfork();
    if (pid == 0) {
        seen = 2;
        gate_open(&ready);
        gate_pass(&go);
        if (*over) {
            seen = 3;
        }
        execl(guest_path(), guest_path(), "an argument", "55", NULL);
        _exit(1);
    }
    CHECK(pid > 0);
    EQ(seen, 3);
    EQ(WEXITSTATUS(guest_status(pid)), 55);
    pid = vfork();
    if (pid == 0) {
        _exit(56);
    }
    EQ(WEXITSTATUS(guest_status(pid)), 56);
}

GUEST("who has called vfork stays stopped until the child has executed a program or ended") {
    gate_make(&ready);
    gate_make(&go);
    over = SYS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    pid_t pid = guest_child(parent, NULL);
    gate_pass(&ready);
    guest_settle();
    checkpoint();
    EQ(waitpid(pid, NULL, WNOHANG), 0);
    *over = true;
    gate_open(&go);
    REAP(pid);
}
