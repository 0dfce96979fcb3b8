#include "namespaces.h"

static void child(void *unused) {
    (void)unused;
    int level = 0;
    while (unshare(CLONE_NEWUSER) == 0) {
        if (level < 30) {
            /* Without a map nobody may make another one below. */
            FAILS(EPERM, unshare(CLONE_NEWUSER));
        }
        map_self("0 0 1", "0 0 1");
        EQ(getuid(), 0);
        level++;
        if (level == 3) {
            checkpoint();
            EQ(getuid(), 0);
        }
    }
    EQ(errno, ENOSPC);
    EQ(level, 33);
}

GUEST("user namespaces nest to a limit") {
    pid_t pid = guest_child(child, NULL);
    REAP(pid);
}
