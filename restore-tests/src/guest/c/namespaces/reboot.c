#include <linux/reboot.h>
#include <poll.h>

#include "namespaces.h"

static struct gate ready, go, alive;

static int reboots(unsigned magic, unsigned second, unsigned command) {
    return (int)syscall(SYS_reboot, magic, second, command, "again");
}

static int commands(unsigned command) {
    return reboots(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2A, command);
}

static const struct {
    unsigned command;
    int signal;
    bool by_init;
} rows[] = {
    {LINUX_REBOOT_CMD_RESTART, SIGHUP, false},
    {LINUX_REBOOT_CMD_RESTART2, SIGHUP, true},
    {LINUX_REBOOT_CMD_HALT, SIGINT, true},
    {LINUX_REBOOT_CMD_POWER_OFF, SIGINT, false},
};

/* Only ever called in a namespace of its own, lest the machine end. */
static void refused(void) {
    EQ(getpid(), 1);
    FAILS(EINVAL, reboots(0, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART));
    FAILS(EINVAL, reboots(LINUX_REBOOT_MAGIC1, 1, LINUX_REBOOT_CMD_RESTART));
    FAILS(EINVAL, commands(LINUX_REBOOT_CMD_CAD_ON));
    FAILS(EINVAL, commands(LINUX_REBOOT_CMD_CAD_OFF));
    FAILS(EINVAL, commands(7));
}

static void init(size_t row) {
    refused();
    pid_t waits = SYS(fork());
    if (waits == 0) {
        close(alive.ends[0]);
        guest_sleep(100 * SECOND);
        _exit(1);
    }
    pid_t caller = rows[row].by_init ? 0 : SYS(fork());
    if (caller == 0) {
        gate_open(&ready);
        gate_pass(&go);
        commands(rows[row].command);
        _exit(3);
    }
    pause();
    _exit(4);
}

/* With another user namespace, and its powers, but in the PID namespace that was there before. */
static void powerless(void *unused) {
    (void)unused;
    SYS(unshare(CLONE_NEWUSER));
    FAILS(EPERM, commands(LINUX_REBOOT_CMD_CAD_ON));
    FAILS(EPERM, reboots(0, 0, 0));
}

GUEST("reboot ends the init of its PID namespace as if by a signal") {
    size_t count = sizeof rows / sizeof *rows;
    pid_t inits[sizeof rows / sizeof *rows];
    gate_make(&ready);
    gate_make(&go);
    gate_make(&alive);
    REAP(guest_child(powerless, NULL));
    for (size_t row = 0; row < count; row++) {
        inits[row] = (pid_t)SYS(syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0));
        if (inits[row] == 0) {
            init(row);
        }
    }
    close(alive.ends[1]);
    for (size_t row = 0; row < count; row++) {
        gate_pass(&ready);
    }
    checkpoint();
    for (size_t row = 0; row < count; row++) {
        gate_open(&go);
    }
    for (size_t row = 0; row < count; row++) {
        EQ(guest_status(inits[row]), rows[row].signal);
    }
    char nothing;
    EQ(SYS(read(alive.ends[0], &nothing, 1)), 0);
}
