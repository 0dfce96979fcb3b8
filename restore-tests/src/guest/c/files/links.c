#include "guest.h"

static void look(void) {
    struct stat one, two, link;
    char target[64];
    SYS(stat("one", &one));
    SYS(stat("folder/two", &two));
    EQ(one.st_ino, two.st_ino);
    EQ(one.st_nlink, 2);
    SYS(lstat("link", &link));
    CHECK(S_ISLNK(link.st_mode));
    EQ(link.st_size, 10);
    EQ(readlink("link", target, sizeof target), 10);
    CHECK(memcmp(target, "folder/two", 10) == 0);
    EQ(readlink("link", target, 3), 3);
    SYS(stat("link", &link));
    EQ(link.st_ino, one.st_ino);
    FAILS(ELOOP, open("loop", O_RDONLY));
    FAILS(ELOOP, open("link", O_RDONLY | O_NOFOLLOW));
    FAILS(ENOENT, stat("dangling", &link));
}

GUEST("hard links, symbolic links and loops of them are kept") {
    guest_write_file("one", "text");
    SYS(mkdir("folder", 0755));
    SYS(link("one", "folder/two"));
    SYS(symlink("folder/two", "link"));
    SYS(symlink("loop", "loop"));
    SYS(symlink("nowhere", "dangling"));
    look();
    checkpoint();
    look();
    FAILS(EEXIST, symlink("x", "link"));
    FAILS(EPERM, link("folder", "other"));
    SYS(unlink("one"));
    CHECK(strcmp(guest_read_file("link"), "text") == 0);
    guest_write_file("dangling", "made");
    CHECK(strcmp(guest_read_file("nowhere"), "made") == 0);
    SYS(unlink("link"));
    CHECK(strcmp(guest_read_file("folder/two"), "text") == 0);
}
