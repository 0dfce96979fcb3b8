#include <sys/prctl.h>

#include "guest.h"

static struct gate ready, go;

static void *body(void *unused) {
    char name[16];
    (void)unused;
    PTHREAD(pthread_setname_np(pthread_self(), "a worker"));
    gate_open(&ready);
    gate_pass(&go);
    PTHREAD(pthread_getname_np(pthread_self(), name, sizeof name));
    CHECK(strcmp(name, "a worker") == 0);
    return NULL;
}

GUEST("names of threads and process flags set by prctl are kept") {
    pthread_t thread;
    char name[17] = "";
    int number;
    gate_make(&ready);
    gate_make(&go);
    PTHREAD(pthread_create(&thread, NULL, body, NULL));
    gate_pass(&ready);
    SYS(prctl(PR_SET_NAME, "a name that is too long"));
    SYS(prctl(PR_SET_DUMPABLE, 0));
    SYS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    SYS(prctl(PR_SET_CHILD_SUBREAPER, 1));
    SYS(prctl(PR_SET_PDEATHSIG, SIGHUP));
    checkpoint();
    SYS(prctl(PR_GET_NAME, name));
    CHECK(strcmp(name, "a name that is ") == 0);
    EQ(prctl(PR_GET_DUMPABLE), 0);
    EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
    SYS(prctl(PR_GET_CHILD_SUBREAPER, &number));
    EQ(number, 1);
    SYS(prctl(PR_GET_PDEATHSIG, &number));
    EQ(number, SIGHUP);
    gate_open(&go);
    PTHREAD(pthread_join(thread, NULL));
    FAILS(EINVAL, prctl(PR_SET_PDEATHSIG, 100));
}
