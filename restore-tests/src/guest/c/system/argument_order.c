#include <fcntl.h>
#include <linux/futex.h>
#include <sys/file.h>
#include <sys/socket.h>

#include "guest.h"

/* What is wrong first is what the caller is told; programs that probe for features go by it. */
GUEST("of several wrong arguments the one that Linux looks at first is named") {
    int word = 0;
    struct timespec moment = {0, 1};
    unsigned long mask = 0;
    char setting[32] = {0};
    int ends[2];
    SYS(pipe(ends));
    checkpoint();

    FAILS(ENOSYS, syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &moment, 0, 0));
    FAILS(ETIMEDOUT, syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &moment, 0, 1));

    FAILS(ESRCH, syscall(SYS_kill, 99999999, 99));
    FAILS(ESRCH, syscall(SYS_kill, -99999, 99));
    FAILS(EINVAL, syscall(SYS_kill, getpid(), 99));
    FAILS(EINVAL, syscall(SYS_kill, 0, 99));
    FAILS(ESRCH, syscall(SYS_tgkill, getpid(), 99999999, 99));

    FAILS(EINVAL, syscall(SYS_signalfd4, -1, NULL, 7, 0x100));
    FAILS(EFAULT, syscall(SYS_signalfd4, -1, NULL, 8, 0x100));
    FAILS(EINVAL, syscall(SYS_signalfd4, -1, &mask, 8, 0x100));
    FAILS(EFAULT, syscall(SYS_timerfd_settime, -1, 0x100, NULL, NULL));
    FAILS(EINVAL, syscall(SYS_timerfd_settime, -1, 0x100, setting, NULL));
    FAILS(EBADF, syscall(SYS_timerfd_settime, -1, 0, setting, NULL));
    FAILS(EBADF, syscall(SYS_accept4, -1, NULL, NULL, 0x100));

    FAILS(EINVAL, flock(-1, 0x100));
    FAILS(EBADF, flock(-1, LOCK_SH));
    FAILS(EPERM, fcntl(ends[0], F_ADD_SEALS, 0x100));
    FAILS(EINVAL, fcntl(ends[1], F_ADD_SEALS, 0x100));
    EQ(syscall(SYS_splice, -1, NULL, -1, NULL, 0, 0x100), 0);
    FAILS(EINVAL, syscall(SYS_splice, -1, NULL, -1, NULL, 1, 0x100));
    FAILS(EINVAL, syscall(SYS_tee, -1, -1, 0, 0x100));
    EQ(syscall(SYS_tee, -1, -1, 0, 0), 0);
    FAILS(EBADF, syscall(SYS_tee, -1, -1, 1, 0));
}
