#include "guest.h"

/* The line about the area that starts there. */
static void find(const void *start, char *line, size_t size) {
    char prefix[32];
    snprintf(prefix, sizeof prefix, "%lx-", (unsigned long)start);
    char *maps = guest_read_file("/proc/self/maps");
    for (char *at = strtok(maps, "\n"); at != NULL; at = strtok(NULL, "\n")) {
        if (strncmp(at, prefix, strlen(prefix)) == 0) {
            snprintf(line, size, "%s", at);
            return;
        }
    }
    CHECK(!"no line for the area");
}

static void look(unsigned char *memory, unsigned char *file) {
    char line[512], expected[64];
    find(memory + PAGE, line, sizeof line);
    snprintf(expected, sizeof expected, "%lx-%lx r--p 00000000 00:00 0", (unsigned long)memory + PAGE,
             (unsigned long)memory + 3 * PAGE);
    CHECK(strncmp(line, expected, strlen(expected)) == 0);
    find(file, line, sizeof line);
    snprintf(expected, sizeof expected, "%lx-%lx rw-s 00001000 ", (unsigned long)file,
             (unsigned long)file + 2 * PAGE);
    CHECK(strncmp(line, expected, strlen(expected)) == 0);
    CHECK(strcmp(strrchr(line, '/'), "/file") == 0);
    char *maps = guest_read_file("/proc/self/maps");
    CHECK(strstr(maps, "[stack]") != NULL);
    CHECK(strstr(maps, "[heap]") != NULL);
    CHECK(strstr(maps, " r-xp ") != NULL);
    CHECK(strstr(maps, guest_path()) != NULL);
}

GUEST("/proc/self/maps tells the areas, the same before and after") {
    unsigned char *memory = guest_pages(4);
    SYS(mprotect(memory + PAGE, 2 * PAGE, PROT_READ));
    int fd = SYS(open("file", O_RDWR | O_CREAT, 0644));
    SYS(ftruncate(fd, 4 * PAGE));
    unsigned char *file = SYS(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE));
    CHECK(malloc(100) != NULL);
    look(memory, file);
    checkpoint();
    look(memory, file);
}
