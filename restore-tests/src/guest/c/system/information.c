#include <sys/statfs.h>
#include <sys/sysinfo.h>

#include "guest.h"

GUEST("what the system tells about itself is plausible, before and after") {
    struct sysinfo before, after;
    struct statfs files;
    SYS(sysinfo(&before));
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    checkpoint();
    SYS(sysinfo(&after));
    CHECK(after.uptime >= before.uptime);
    CHECK(after.totalram > 0 && after.freeram <= after.totalram);
    CHECK(after.procs > 0);
    CHECK(after.mem_unit > 0);
    CHECK(processors >= 1);
    EQ(sysconf(_SC_NPROCESSORS_ONLN), processors);
    EQ(sysconf(_SC_PAGESIZE), PAGE);
    EQ(sysconf(_SC_CLK_TCK), 100);
    SYS(statfs(".", &files));
    CHECK(files.f_bsize > 0 && files.f_blocks > 0);
    CHECK(strstr(guest_read_file("/proc/meminfo"), "MemTotal:") != NULL);
    CHECK(strncmp(guest_read_file("/proc/version"), "Linux version ", 14) == 0);
    CHECK(atof(guest_read_file("/proc/uptime")) > 0);
    CHECK(strstr(guest_read_file("/proc/filesystems"), "tmpfs") != NULL);
    unsigned cpu, node;
    SYS(syscall(SYS_getcpu, &cpu, &node, NULL));
    CHECK(cpu < 4096);
    FAILS(ENOSYS, syscall(5000));
    FAILS(ENOSYS, syscall(-1));
}
