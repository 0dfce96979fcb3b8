#include "guest.h"

GUEST("a file renamed while open stays the file that was opened") {
    struct stat before, after;
    guest_write_file("one", "first");
    guest_write_file("two", "second");
    SYS(mkdir("folder", 0755));
    int one = SYS(open("one", O_RDWR)), two = SYS(open("two", O_RDWR));
    SYS(fstat(one, &before));
    SYS(rename("one", "folder/new"));
    checkpoint();
    SYS(fstat(one, &after));
    EQ(before.st_ino, after.st_ino);
    EQ(write(one, "FIRST", 5), 5);
    CHECK(strcmp(guest_read_file("folder/new"), "FIRST") == 0);
    SYS(rename("folder/new", "two")); // replaces it
    CHECK(strcmp(guest_read_file("two"), "FIRST") == 0);
    SYS(fstat(two, &after));
    EQ(after.st_nlink, 0);
    guest_write_file("three", "third");
    FAILS(EEXIST, renameat2(AT_FDCWD, "two", AT_FDCWD, "three", RENAME_NOREPLACE));
    SYS(renameat2(AT_FDCWD, "two", AT_FDCWD, "three", RENAME_EXCHANGE));
    CHECK(strcmp(guest_read_file("three"), "FIRST") == 0);
    CHECK(strcmp(guest_read_file("two"), "third") == 0);
    SYS(rename("folder", "moved"));
    FAILS(EINVAL, rename("moved", "moved/inside"));
    FAILS(ENOENT, rename("missing", "any"));
    FAILS(EISDIR, rename("two", "moved"));
    FAILS(ENOTDIR, rename("moved", "two"));
}
