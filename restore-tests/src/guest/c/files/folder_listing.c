#include <dirent.h>

#include "guest.h"

#define FILES 300

static bool seen[FILES];
static int others;

static void count(const char *name) {
    int number;
    if (sscanf(name, "file%d", &number) == 1 && number < FILES) {
        CHECK(!seen[number]);
        seen[number] = true;
    } else {
        CHECK(strcmp(name, ".") == 0 || strcmp(name, "..") == 0);
        others++;
    }
}

GUEST("a folder read half way is read on, and every name comes once") {
    char name[32];
    struct dirent *entry;
    SYS(mkdir("folder", 0755));
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "folder/file%d", i);
        SYS(close(SYS(open(name, O_WRONLY | O_CREAT, 0644))));
    }
    int fd = SYS(open("folder", O_RDONLY | O_DIRECTORY));
    // By the call itself: the C library reads far ahead.
    union {
        struct {
            uint64_t inode;
            int64_t next;
            unsigned short size;
            unsigned char type;
            char name[];
        } entry;
        char bytes[1024];
    } *buffer = malloc(1024);
    long length = SYS(syscall(SYS_getdents64, fd, buffer, 1024));
    bool paused = false;
    while (length > 0) {
        for (long at = 0; at < length;) {
            __typeof__(buffer) here = (void *)((char *)buffer + at);
            count(here->entry.name);
            at += here->entry.size;
        }
        if (!paused) {
            checkpoint();
            paused = true;
        }
        length = SYS(syscall(SYS_getdents64, fd, buffer, 1024));
    }
    for (int i = 0; i < FILES; i++) {
        CHECK(seen[i]);
    }
    EQ(others, 2);
    DIR *folder = opendir("folder");
    CHECK(folder != NULL);
    int number = 0;
    while ((entry = readdir(folder)) != NULL) {
        number++;
    }
    EQ(number, FILES + 2);
}
