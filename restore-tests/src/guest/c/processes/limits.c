#include <sys/resource.h>

#include "guest.h"

static void look(void) {
    struct rlimit limit;
    SYS(getrlimit(RLIMIT_NOFILE, &limit));
    EQ(limit.rlim_cur, 40);
    SYS(getrlimit(RLIMIT_CORE, &limit));
    EQ(limit.rlim_cur, 0);
    EQ(limit.rlim_max, 4096);
    SYS(getrlimit(RLIMIT_FSIZE, &limit));
    EQ(limit.rlim_cur, 10000);
    int last = 0, fd;
    while ((fd = dup(0)) != -1) {
        last = fd;
    }
    EQ(errno, EMFILE);
    EQ(last, 39);
    FAILS(EBADF, dup2(0, 40));
    for (fd = 3; fd <= last; fd++) {
        SYS(close(fd));
    }
    char bytes[20000];
    fd = SYS(open("file", O_RDWR | O_CREAT | O_TRUNC, 0644));
    memset(bytes, 1, sizeof bytes);
    EQ(write(fd, bytes, sizeof bytes), 10000);
    FAILS(EFBIG, write(fd, bytes, 1));
    SYS(close(fd));
}

static void child(void *unused) {
    (void)unused;
    look(); // inherited
}

GUEST("limits are kept, hold, and are inherited") {
    signal(SIGXFSZ, SIG_IGN);
    for (int fd = 3; fd < 40; fd++) {
        (void)close(fd);
    }
    SYS(setrlimit(RLIMIT_NOFILE, &(struct rlimit){40, 1024}));
    SYS(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 4096}));
    SYS(setrlimit(RLIMIT_FSIZE, &(struct rlimit){10000, RLIM_INFINITY}));
    look();
    checkpoint();
    look();
    REAP(guest_child(child, NULL));
    struct rlimit old;
    SYS(prlimit(getpid(), RLIMIT_NOFILE, &(struct rlimit){50, 1024}, &old));
    EQ(old.rlim_cur, 40);
    FAILS(EINVAL, setrlimit(RLIMIT_NOFILE, &(struct rlimit){60, 50}));
    FAILS(EINVAL, getrlimit(1000, &old));
}
