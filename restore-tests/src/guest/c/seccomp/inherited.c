#include "filters.h"

static struct gate added, go;
static volatile pid_t thread_id;

int guest_helper(int argc, char **argv) {
    (void)argc;
    (void)argv;
    FAILS(EXDEV, syscall(SYS_getppid));
    EQ(status_number("\nSeccomp_filters:"), 1);
    EQ(status_number("\nNoNewPrivs:"), 1);
    return 0;
}

static void *thread(void *own) {
    thread_id = (pid_t)syscall(SYS_gettid);
    if (own != NULL) {
        FILTER_CALL(SYS_getsid, SECCOMP_RET_ERRNO | EDOM);
    }
    gate_open(&added);
    gate_pass(&go);
    if (own == NULL) {
        FAILS(EXDEV, syscall(SYS_getppid));
        EQ(status_number("\nNoNewPrivs:"), 1);
        EQ(status_number("\nSeccomp_filters:"), 1);
    } else {
        CHECK(getppid() > 0);
    }
    return NULL;
}

static void unlike(void *unused) {
    (void)unused;
    pthread_t other;
    PTHREAD(pthread_create(&other, NULL, thread, "own"));
    gate_pass(&added);
    struct sock_filter code[] = {LOAD(nr), UNLESS(SYS_getppid, 1), ANSWER(SECCOMP_RET_ERRNO | EXDEV), ANSWER(SECCOMP_RET_ALLOW)};
    EQ(filter_try(SECCOMP_FILTER_FLAG_TSYNC, code, 4), thread_id);
    FAILS(ESRCH, filter_try(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH, code, 4));
    CHECK(getppid() > 0);
    gate_open(&go);
    PTHREAD(pthread_join(other, NULL));
}

GUEST("children, new threads, all threads and new programs have their filters") {
    gate_make(&added);
    gate_make(&go);
    pid_t child = guest_child(unlike, NULL);
    REAP(child);
    pthread_t other;
    PTHREAD(pthread_create(&other, NULL, thread, NULL));
    gate_pass(&added);
    no_new_privileges();
    EQ(FILTER(SECCOMP_FILTER_FLAG_TSYNC, LOAD(nr), UNLESS(SYS_getppid, 1), //
              ANSWER(SECCOMP_RET_ERRNO | EXDEV), ANSWER(SECCOMP_RET_ALLOW)),
       0);
    checkpoint();
    gate_open(&go);
    PTHREAD(pthread_join(other, NULL));
    FAILS(EXDEV, syscall(SYS_getppid));
    child = SYS(fork());
    if (child == 0) {
        FAILS(EXDEV, syscall(SYS_getppid));
        char *arguments[] = {(char *)guest_path(), "again", NULL};
        execv(guest_path(), arguments);
        _exit(1);
    }
    REAP(child);
}
