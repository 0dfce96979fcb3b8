#include <sys/uio.h>

#include "guest.h"

static char *shared_place;
static struct gate ready, go;

static void body(void *unused) {
    (void)unused;
    guest_fill(shared_place, 3 * PAGE, 5);
    SYS(munmap(shared_place + 3 * PAGE, PAGE));
    gate_open(&ready);
    gate_pass(&go);
    CHECK(memcmp(shared_place + PAGE, "written", 7) == 0);
}

GUEST("one process reads and writes another's memory, as far as it is there") {
    shared_place = guest_pages(4);
    gate_make(&ready);
    gate_make(&go);
    pid_t pid = guest_child(body, NULL);
    gate_pass(&ready);
    static char copy[4 * 4096];
    struct iovec local = {copy, sizeof copy};
    struct iovec remote[2] = {{shared_place + PAGE, 2 * PAGE}, {shared_place, PAGE}};
    EQ(SYS(process_vm_readv(pid, &local, 1, remote, 2, 0)), 3 * PAGE);
    CHECK(memcmp(copy + 2 * PAGE, copy, 8) != 0);
    checkpoint();
    struct iovec all = {shared_place, 4 * PAGE};
    EQ(SYS(process_vm_readv(pid, &local, 1, &all, 1, 0)), 3 * PAGE);
    CHECK(guest_filled(copy, 3 * PAGE, 5));
    struct iovec gone = {shared_place + 3 * PAGE, 8};
    FAILS(EFAULT, process_vm_readv(pid, &local, 1, &gone, 1, 0));
    FAILS(EINVAL, process_vm_readv(pid, &local, 1, &gone, 1, 1));
    FAILS(ESRCH, process_vm_readv(0x3fffff, &local, 1, &all, 1, 0));
    struct iovec from = {"written", 7};
    struct iovec to = {shared_place + PAGE, 7};
    EQ(SYS(process_vm_writev(pid, &from, 1, &to, 1, 0)), 7);
    gate_open(&go);
    REAP(pid);
}
