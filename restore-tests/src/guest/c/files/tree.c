#include "guest.h"

#define WIDTH 5

/* Makes, checks or removes a tree of folders with a file in each. */
static void walk(int level, char what) {
    char name[16];
    for (int i = 0; i < WIDTH; i++) {
        snprintf(name, sizeof name, "f%d-%d", level, i);
        if (what == 'm') {
            guest_write_file(name, name);
        } else {
            CHECK(strcmp(guest_read_file(name), name) == 0);
        }
        if (what == 'r') {
            SYS(unlink(name));
        }
        snprintf(name, sizeof name, "d%d-%d", level, i);
        if (what == 'm') {
            SYS(mkdir(name, 0755));
        }
        if (level > 0) {
            SYS(chdir(name));
            walk(level - 1, what);
            SYS(chdir(".."));
        }
        if (what == 'r') {
            SYS(rmdir(name));
        }
    }
}

GUEST("a tree of folders and files is kept") {
    struct stat status;
    SYS(mkdir("tree", 0755));
    SYS(chdir("tree"));
    walk(2, 'm');
    checkpoint();
    walk(2, 'c');
    SYS(chdir(".."));
    FAILS(ENOTEMPTY, rmdir("tree"));
    SYS(chdir("tree"));
    walk(2, 'r');
    SYS(chdir(".."));
    SYS(rmdir("tree"));
    FAILS(ENOENT, stat("tree", &status));
}
