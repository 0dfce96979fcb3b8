#include <sys/xattr.h>

#include "guest.h"

GUEST("extended attributes are kept") {
    char value[64], names[256];
    int fd = SYS(open("file", O_RDWR | O_CREAT, 0644));
    SYS(setxattr("file", "user.one", "value", 5, XATTR_CREATE));
    SYS(fsetxattr(fd, "user.two", "", 0, 0));
    checkpoint();
    EQ(getxattr("file", "user.one", value, sizeof value), 5);
    CHECK(memcmp(value, "value", 5) == 0);
    EQ(fgetxattr(fd, "user.one", NULL, 0), 5);
    FAILS(ERANGE, getxattr("file", "user.one", value, 2));
    EQ(getxattr("file", "user.two", value, sizeof value), 0);
    FAILS(ENODATA, getxattr("file", "user.three", value, sizeof value));
    FAILS(EEXIST, setxattr("file", "user.one", "x", 1, XATTR_CREATE));
    FAILS(ENODATA, setxattr("file", "user.three", "x", 1, XATTR_REPLACE));
    ssize_t length = SYS(flistxattr(fd, names, sizeof names));
    CHECK(memmem(names, length, "user.one", 9) != NULL);
    CHECK(memmem(names, length, "user.two", 9) != NULL);
    SYS(removexattr("file", "user.one"));
    FAILS(ENODATA, fgetxattr(fd, "user.one", value, sizeof value));
}
