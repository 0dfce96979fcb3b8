#include "guest.h"

#define RENAMES 2000

static volatile int done, reached, resume;

static void *replace(void *unused) {
    (void)unused;
    for (int i = 0; i < RENAMES; i++) {
        if (i == RENAMES / 2) {
            reached = 1;
            while (!resume) {
                guest_sleep(MILLISECOND);
            }
        }
        guest_write_file("next", "x");
        SYS(rename("next", "file"));
    }
    done = 1;
    return NULL;
}

static void read_until(volatile int *flag) {
    while (!*flag) {
        char text;
        int fd = SYS(open("file", O_RDONLY));
        EQ(read(fd, &text, 1), 1);
        SYS(close(fd));
        fd = SYS(open("file", O_CREAT | O_RDWR, 0600));
        EQ(read(fd, &text, 1), 1);
        SYS(close(fd));
        struct stat found;
        SYS(stat("file", &found));
        EQ(found.st_size, 1);
    }
}

GUEST("a file that is replaced again and again can be opened at any moment") {
    guest_write_file("file", "x");
    pthread_t thread;
    PTHREAD(pthread_create(&thread, NULL, replace, NULL));
    read_until(&reached);
    checkpoint();
    resume = 1;
    read_until(&done);
    PTHREAD(pthread_join(thread, NULL));
}
