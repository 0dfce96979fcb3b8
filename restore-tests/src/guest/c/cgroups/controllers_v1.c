#include "cgroups.h"

/* Each controller by itself, as machines have them mounted. */
static void each(const char *controller, void (*body)(void)) {
    pid_t pid = SYS(fork());
    if (pid == 0) {
        char folder[64];
        snprintf(folder, sizeof folder, "own-%d", getpid());
        SYS(mkdir(folder, 0755));
        SYS(chdir(folder));
        group_test("cgroup", controller, body, false);
        _exit(0);
    }
    REAP(pid);
}

static void cpu(void) {
    SHOWS("cpu.shares", "1024\n");
    SHOWS("cpu.cfs_quota_us", "-1\n");
    SHOWS("cpu.cfs_period_us", "100000\n");
    PUT("cpu.shares", "1");
    SHOWS("cpu.shares", "2\n");
    PUT("cpu.shares", "2000");
    SHOWS("cpu.shares", "2000\n");
    PUT_FAILS(EINVAL, "cpu.shares", "some");
    PUT("cpu.cfs_quota_us", "50000");
    SHOWS("cpu.cfs_quota_us", "50000\n");
    PUT_FAILS(EINVAL, "cpu.cfs_quota_us", "999");
    PUT_FAILS(EINVAL, "cpu.cfs_period_us", "999");
    PUT_FAILS(EINVAL, "cpu.cfs_period_us", "1000001");
    PUT("cpu.cfs_quota_us", "-1");
    SHOWS("cpu.cfs_quota_us", "-1\n");
    EQ(group_number("cpu.stat", "nr_throttled"), 0);
}

static void memory(void) {
    PUT("memory.limit_in_bytes", "64M");
    SHOWS("memory.limit_in_bytes", "67108864\n");
    PUT("memory.limit_in_bytes", "10000000");
    SHOWS("memory.limit_in_bytes", "9998336\n");
    PUT("memory.soft_limit_in_bytes", "1k");
    SHOWS("memory.soft_limit_in_bytes", "0\n");
    PUT_FAILS(EINVAL, "memory.limit_in_bytes", "lots");
    PUT("memory.limit_in_bytes", "-1");
    SHOWS("memory.limit_in_bytes", "9223372036854771712\n");
    EQ(group_number("memory.stat", "rss"), 0);
    SHOWS("memory.failcnt", "0\n");
}

static void cpuset(void) {
    SHOWS("notify_on_release", "0\n");
    PUT("notify_on_release", "1");
    SHOWS("notify_on_release", "1\n");
    SHOWS("cgroup.clone_children", "0\n");
    FAILS(ENOENT, access("cgroup.events", F_OK));
    EQ(group_put_number("tasks", getpid()), ENOSPC);
    SHOWS("cpuset.cpus", "\n");
    PUT("cpuset.cpus", "0");
    PUT("cpuset.mems", "0");
    SHOWS("cpuset.cpus", "0\n");
    SHOWS("cpuset.effective_cpus", "0\n");
    PUT_FAILS(EINVAL, "cpuset.cpus", "x");
    PUT_FAILS(EINVAL, "cpuset.cpus", "1-0");
    SYS(mkdir("below", 0755));
    PUT("below/cpuset.cpus", "0");
    PUT_FAILS(EBUSY, "cpuset.cpus", "\n");
    EQ(group_put_number("tasks", getpid()), 0);
    CHECK(group_lists("tasks", getpid()));
    CHECK(group_lists("cgroup.procs", getpid()));
}

static void cpuacct(void) {
    SHOWS("cpuacct.usage", "0\n");
    pid_t pid = SYS(fork());
    if (pid == 0) {
        group_join(".", getpid());
        for (struct timespec used = {0, 0}; used.tv_sec == 0 && used.tv_nsec < 60 * MILLISECOND;) {
            SYS(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used));
        }
        _exit(0);
    }
    REAP(pid);
    CHECK(atoll(guest_read_file("cpuacct.usage")) >= 20 * MILLISECOND);
    CHECK(group_number("cpuacct.stat", "user") + group_number("cpuacct.stat", "system") >= 2);
}

GUEST("controllers of version 1 keep what they are told") {
    each("cpu", cpu);
    each("memory", memory);
    each("cpuset", cpuset);
    checkpoint();
    each("cpuacct", cpuacct);
    each("memory", memory);
    FAILS(EINVAL, mount("none", ".", "cgroup", 0, "none,cpu"));
    FAILS(EINVAL, mount("none", ".", "cgroup", 0, "all,cpu"));
    FAILS(EINVAL, mount("none", ".", "cgroup", 0, "nonsense"));
    FAILS(EINVAL, mount("none", ".", "cgroup2", 0, "nonsense"));
}
