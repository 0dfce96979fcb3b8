#include <sys/resource.h>
#include <sys/sysinfo.h>

#include "guest.h"

/* The number behind a word in a file. */
static long number(const char *path, const char *word) {
    char *found = strstr(guest_read_file(path), word);
    CHECK(found != NULL);
    return atol(found + strlen(word));
}

static void transfer(size_t size) {
    static char bytes[10000];
    int fd = SYS(open("file", O_RDWR | O_CREAT | O_TRUNC, 0600));
    EQ(write(fd, bytes, size), size);
    EQ(pread(fd, bytes, size, 0), size);
    SYS(close(fd));
}

static void child(void *unused) {
    (void)unused;
    transfer(10000);
}

static void loads(double load[3]) {
    int running, tasks, last;
    char *text = guest_read_file("/proc/loadavg");
    EQ(sscanf(text, "%lf %lf %lf %d/%d %d\n", &load[0], &load[1], &load[2], &running, &tasks, &last), 6);
    CHECK(running >= 1 && tasks >= running && last >= 1);
}

GUEST("reading, writing, sleeping, running and terminals are counted") {
    double before[3], after[3];
    struct rusage usage;
    struct sysinfo info;
    long read_bytes = number("/proc/self/io", "rchar: "), read_calls = number("/proc/self/io", "syscr: ");
    long written = number("/proc/self/io", "wchar: "), write_calls = number("/proc/self/io", "syscw: ");
    transfer(1000);
    pid_t pid = guest_child(child, NULL);
    REAP(pid);
    long sleeps = number("/proc/self/status", "\nvoluntary_ctxt_switches:\t");
    for (int i = 0; i < 3; i++) {
        guest_sleep(MILLISECOND);
    }
    long terminals = number("/proc/sys/kernel/pty/nr", "");
    int master = SYS(posix_openpt(O_RDWR | O_NOCTTY));
    /* It runs for a while: that shows in the load of the last minute. */
    loads(before);
    long long start = guest_now(CLOCK_PROCESS_CPUTIME_ID), begun = guest_now(CLOCK_MONOTONIC);
    while (guest_now(CLOCK_PROCESS_CPUTIME_ID) < start + 200 * MILLISECOND) {
        CHECK(guest_now(CLOCK_MONOTONIC) < begun + 30 * SECOND);
    }
    checkpoint();
    loads(after);
    CHECK(after[0] >= 0 && after[0] < 1000 && after[2] < 1000);
    SYS(sysinfo(&info));
    CHECK(info.loads[0] < 1000UL << 16);
    CHECK(number("/proc/self/io", "rchar: ") >= read_bytes + 11000);
    CHECK(number("/proc/self/io", "syscr: ") >= read_calls + 2);
    CHECK(number("/proc/self/io", "wchar: ") >= written + 11000);
    CHECK(number("/proc/self/io", "syscw: ") >= write_calls + 2);
    CHECK(number("/proc/self/status", "\nvoluntary_ctxt_switches:\t") >= sleeps + 3);
    CHECK(number("/proc/self/status", "\nnonvoluntary_ctxt_switches:\t") >= 0);
    SYS(getrusage(RUSAGE_SELF, &usage));
    CHECK(usage.ru_nvcsw >= 3);
    CHECK(number("/proc/sys/kernel/pty/nr", "") >= 1);
    CHECK(terminals >= 0);
    CHECK(number("/proc/sys/kernel/pty/max", "") >= 1);
    SYS(close(master));
}
