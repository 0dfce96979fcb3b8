#include "guest.h"

static struct gate go;

static void child(void *unused) {
    char path[PATH_MAX];
    (void)unused;
    SYS(chdir("deep"));
    umask(0);
    gate_pass(&go);
    CHECK(getcwd(path, sizeof path) != NULL);
    CHECK(strcmp(strrchr(path, '/'), "/deep") == 0);
    EQ(umask(0), 0);
    SYS(rmdir("../gone"));
}

GUEST("each process keeps its folder and its umask") {
    char before[PATH_MAX], after[PATH_MAX];
    struct stat status;
    gate_make(&go);
    SYS(mkdir("deep", 0755));
    SYS(mkdir("gone", 0755));
    pid_t pid = guest_child(child, NULL);
    CHECK(getcwd(before, sizeof before) != NULL);
    SYS(chdir("gone"));
    umask(027);
    checkpoint();
    CHECK(getcwd(after, sizeof after) != NULL);
    strcat(before, "/gone");
    CHECK(strcmp(before, after) == 0);
    EQ(umask(027), 027);
    SYS(close(SYS(open("../file", O_WRONLY | O_CREAT, 0666))));
    SYS(stat("../file", &status));
    EQ(status.st_mode & 0777, 0640);
    gate_open(&go);
    REAP(pid);
    CHECK(getcwd(after, sizeof after) == NULL); // somebody has removed it
    EQ(errno, ENOENT);
    FAILS(ENOENT, open("new", O_WRONLY | O_CREAT, 0666));
    SYS(chdir(".."));
}
