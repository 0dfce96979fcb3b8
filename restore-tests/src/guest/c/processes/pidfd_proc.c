#include <dirent.h>

#include "guest.h"

static struct gate never;

static void child(void *unused) {
    (void)unused;
    gate_pass(&never);
}

static int folder(pid_t pid, const char *rest, int flags) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d%s", (int)pid, rest);
    return SYS(open(path, O_RDONLY | flags));
}

static long sends(int fd, int signal) {
    return syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
}

GUEST("a directory of proc takes signals for its process") {
    siginfo_t info;
    gate_make(&never);
    pid_t pid = guest_child(child, NULL);
    char thread[32];
    snprintf(thread, sizeof thread, "/task/%d", (int)pid);
    int process = folder(pid, "", O_DIRECTORY), path = folder(pid, "", O_PATH);
    int task = folder(pid, thread, O_DIRECTORY), inside = folder(pid, "/task", O_DIRECTORY);
    int file = folder(pid, "/status", 0), root = SYS(open("/proc", O_RDONLY));
    EQ(SYS(sends(process, 0)), 0);
    FAILS(EBADF, sends(path, 0));
    checkpoint();
    EQ(SYS(sends(process, 0)), 0);
    FAILS(EBADF, sends(path, 0));
    FAILS(EBADF, sends(task, 0));
    FAILS(EBADF, sends(inside, 0));
    FAILS(EBADF, sends(file, 0));
    FAILS(EBADF, sends(root, 0));
    FAILS(EINVAL, sends(process, 65));
    FAILS(EINVAL, syscall(SYS_pidfd_send_signal, -1, 0, NULL, 1u << 31));
    EQ(SYS(sends(process, SIGTERM)), 0);
    SYS(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    EQ(info.si_status, SIGTERM);
    EQ(SYS(sends(process, SIGTERM)), 0); /* There is somebody until it is waited for. */
    EQ(WTERMSIG(guest_status(pid)), SIGTERM);
    FAILS(ESRCH, sends(process, 0));
}
