#include <sys/mount.h>
#include <sys/utsname.h>

#include "namespaces.h"

static struct gate ready, go;

GUEST("clone makes all namespaces at once, owned by the new user namespace") {
    gate_make(&ready);
    gate_make(&go);
    int flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
    pid_t outer = SYS(fork());
    if (outer == 0) {
        become_somebody();
        FAILS(EPERM, syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0));
        FAILS(EINVAL, syscall(SYS_clone, CLONE_NEWUSER | CLONE_FS | SIGCHLD, 0, 0, 0, 0));
        pid_t pid = (pid_t)SYS(syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0));
        if (pid == 0) {
            struct utsname names;
            EQ(getpid(), 1);
            EQ(getuid(), 65534);
            SYS(sethostname("newborn", 7));
            SYS(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
            gate_open(&ready);
            gate_pass(&go);
            EQ(getpid(), 1);
            SYS(uname(&names));
            CHECK(strcmp(names.nodename, "newborn") == 0);
            pid_t inner = SYS(fork());
            if (inner == 0) {
                EQ(getppid(), 1);
                _exit(0);
            }
            EQ(inner, 2);
            REAP(inner);
            _exit(0);
        }
        REAP(pid);
        _exit(0);
    }
    gate_pass(&ready);
    checkpoint();
    gate_open(&go);
    REAP(outer);
}
