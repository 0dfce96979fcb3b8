#include <dirent.h>

#include "guest.h"

/* Where the link of a descriptor points. */
static char *target(int fd) {
    static char text[PATH_MAX];
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t length = SYS(readlink(name, text, sizeof text - 1));
    text[length] = '\0';
    return text;
}

static void look(int file, int pipe_end) {
    int number = 0, first;
    char name[64];
    struct dirent *entry;
    CHECK(strcmp(strrchr(target(file), '/'), "/file") == 0);
    CHECK(strncmp(target(pipe_end), "pipe:[", 6) == 0);
    CHECK(strcmp(target(0), "/dev/null") == 0);
    DIR *folder = opendir("/proc/self/fd");
    CHECK(folder != NULL);
    while ((entry = readdir(folder)) != NULL) {
        number += atoi(entry->d_name) == file || atoi(entry->d_name) == pipe_end;
    }
    closedir(folder);
    EQ(number, 2);
    snprintf(name, sizeof name, "/proc/self/fdinfo/%d", file);
    CHECK(sscanf(guest_read_file(name), "pos: %d", &first) == 1);
    EQ(first, 3);
    snprintf(name, sizeof name, "/proc/self/fd/%d", file); // opens the same file anew
    int again = SYS(open(name, O_RDONLY));
    EQ(lseek(again, 0, SEEK_CUR), 0);
    SYS(close(again));
}

GUEST("/proc/self/fd tells what is open") {
    int ends[2];
    SYS(pipe(ends));
    int fd = SYS(open("file", O_RDWR | O_CREAT, 0644));
    EQ(write(fd, "abc", 3), 3);
    look(fd, ends[0]);
    checkpoint();
    look(fd, ends[0]);
    char text[64];
    FAILS(ENOENT, readlink("/proc/self/fd/777", text, sizeof text));
}
