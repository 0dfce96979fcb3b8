#include <spawn.h>

#include "callsite.h"

enum { BIRTHS = 120 };

static void *body(void *argument) {
    return argument;
}

int guest_helper(int argc, char **argv) {
    (void)argc, (void)argv;
    unsigned char *code = site_page(SYS_getpid);
    site_often(code, getpid());
    return 0;
}

static void spawn_one(int status) {
    pid_t pid = vfork();
    CHECK(pid >= 0);
    if (pid == 0) {
        _exit(status);
    }
    int result;
    EQ(waitpid(pid, &result, 0), pid);
    EQ(WEXITSTATUS(result), status);
}

GUEST("vfork, threads, fork and execve go on to work when they were used often") {
    pthread_t thread;
    int status = 0;
    for (int i = 0; i < BIRTHS; i++) {
        spawn_one(i % 100);
        PTHREAD(pthread_create(&thread, NULL, body, &status));
        void *result;
        PTHREAD(pthread_join(thread, &result));
        CHECK(result == &status);
        if (i == BIRTHS / 2) {
            checkpoint();
        }
    }
    for (int i = 0; i < BIRTHS / 4; i++) {
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0) {
            _exit(3);
        }
        EQ(WEXITSTATUS(guest_status(pid)), 3);
    }
    for (int i = 0; i < 3; i++) {
        pid_t pid;
        char *arguments[] = {(char *)guest_path(), "again", NULL};
        PTHREAD(posix_spawn(&pid, guest_path(), NULL, NULL, arguments, environ));
        REAP(pid);
    }
}
