#include <sched.h>
#include <sys/resource.h>

#include "guest.h"

static void look(void) {
    cpu_set_t set;
    errno = 0;
    EQ(getpriority(PRIO_PROCESS, 0), 5);
    EQ(errno, 0);
    CPU_ZERO(&set);
    SYS(sched_getaffinity(0, sizeof set, &set));
    EQ(CPU_COUNT(&set), 1);
    CHECK(CPU_ISSET(0, &set));
    EQ(sched_getscheduler(0), SCHED_BATCH);
}

static void child(void *unused) {
    (void)unused;
    look();
}

GUEST("nice value, processors and scheduling policy are kept and inherited") {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    SYS(sched_setaffinity(0, sizeof set, &set));
    SYS(setpriority(PRIO_PROCESS, 0, 5));
    SYS(sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){0}));
    look();
    checkpoint();
    look();
    REAP(guest_child(child, NULL));
    SYS(sched_yield());
    CPU_ZERO(&set);
    FAILS(EINVAL, sched_setaffinity(0, sizeof set, &set));
}
