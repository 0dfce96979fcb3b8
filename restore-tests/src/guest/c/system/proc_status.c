#include <sys/prctl.h>

#include "guest.h"

/* The value of a line of /proc/self/status, as text without its end. */
static char *value(const char *key) {
    static char text[256];
    char *status = guest_read_file("/proc/self/status");
    for (char *line = strtok(status, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == ':') {
            snprintf(text, sizeof text, "%s", line + strlen(key) + 1 + strspn(line + strlen(key) + 1, " \t"));
            return text;
        }
    }
    CHECK(!"no such line");
    return NULL;
}

static void look(void) {
    char path[PATH_MAX];
    CHECK(strcmp(value("Name"), "my name") == 0);
    CHECK(strcmp(guest_read_file("/proc/self/comm"), "my name\n") == 0);
    EQ(atoi(value("Pid")), getpid());
    EQ(atoi(value("Tgid")), getpid());
    EQ(atoi(value("PPid")), getppid());
    EQ(atoi(value("Uid")), getuid());
    EQ(atoi(value("Threads")), 1);
    EQ(value("State")[0], 'R');
    EQ(strtoull(value("SigBlk"), NULL, 16) >> (SIGHUP - 1) & 1, 1);
    EQ(strtoull(value("SigIgn"), NULL, 16) >> (SIGUSR2 - 1) & 1, 1);
    CHECK(atol(value("VmSize")) > 100);
    char *line = guest_read_file("/proc/self/cmdline");
    CHECK(strcmp(line, guest_path()) == 0);
    ssize_t length = SYS(readlink("/proc/self/exe", path, sizeof path - 1));
    path[length] = '\0';
    CHECK(strcmp(path, guest_path()) == 0);
    length = SYS(readlink("/proc/self", path, sizeof path - 1));
    path[length] = '\0';
    EQ(atoi(path), getpid());
    char *stat = guest_read_file("/proc/self/stat");
    EQ(atoi(stat), getpid());
    CHECK(strstr(stat, " (my name) R ") != NULL);
    EQ(strstr(guest_read_file("/proc/self/environ"), "PATH=/usr/bin:/bin") != NULL, 1);
}

GUEST("/proc/self tells who this is") {
    SYS(prctl(PR_SET_NAME, "my name"));
    guest_block(SIGHUP);
    signal(SIGUSR2, SIG_IGN);
    look();
    checkpoint();
    look();
}
