#include <sys/inotify.h>

#include "guest.h"

static void expect(int fd, int watch, uint32_t mask, const char *name) {
    char buffer[sizeof(struct inotify_event) + NAME_MAX + 1]
        __attribute__((aligned(__alignof__(struct inotify_event))));
    struct inotify_event *event = (struct inotify_event *)buffer;
    // Only as much room as one event needs.
    size_t size = sizeof *event + (name == NULL ? 0 : (strlen(name) / 16 + 1) * 16);
    EQ(SYS(read(fd, buffer, size)), size);
    EQ(event->wd, watch);
    EQ(event->mask, mask);
    CHECK(name == NULL || strcmp(event->name, name) == 0);
}

GUEST("watches and events that were not read yet are kept") {
    char byte;
    SYS(mkdir("folder", 0755));
    int fd = SYS(inotify_init1(IN_NONBLOCK));
    int watch = SYS(inotify_add_watch(fd, "folder", IN_CREATE | IN_DELETE | IN_MOVED_TO));
    SYS(mkdir("folder/one", 0755));
    checkpoint();
    guest_write_file("two", "");
    SYS(rename("two", "folder/two"));
    SYS(unlink("folder/two"));
    expect(fd, watch, IN_CREATE | IN_ISDIR, "one");
    expect(fd, watch, IN_MOVED_TO, "two");
    expect(fd, watch, IN_DELETE, "two");
    FAILS(EAGAIN, read(fd, &byte, 1));
    SYS(inotify_rm_watch(fd, watch));
    expect(fd, watch, IN_IGNORED, NULL);
}
