#include <sys/utsname.h>

#include "guest.h"

GUEST("uname and gethostname say the same before and after") {
    struct utsname before, after;
    char name[65];
    SYS(uname(&before));
    checkpoint();
    SYS(uname(&after));
    CHECK(strcmp(before.sysname, "Linux") == 0);
    CHECK(strcmp(before.machine, "x86_64") == 0);
    CHECK(atoi(before.release) >= 4);
    CHECK(strcmp(before.release, after.release) == 0);
    CHECK(strcmp(before.nodename, after.nodename) == 0);
    SYS(gethostname(name, sizeof name));
    CHECK(strcmp(name, after.nodename) == 0);
}
