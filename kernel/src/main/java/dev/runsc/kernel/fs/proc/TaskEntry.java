package dev.runsc.kernel.fs.proc;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The entries of {@code /proc/PID} and {@code /proc/PID/task/TID}, in Linux's order
 * (fs/proc/base.c).
 */
enum TaskEntry {
    TASK("task", 0555, Place.PROCESS),
    FD("fd", 0500, Place.BOTH),
    FDINFO("fdinfo", 0555, Place.BOTH),
    NS("ns", 0511, Place.BOTH),
    NET("net", 0555, Place.BOTH),
    ENVIRON("environ", 0400, Place.BOTH),
    AUXV("auxv", 0400, Place.BOTH),
    STATUS("status", 0444, Place.BOTH),
    PERSONALITY("personality", 0400, Place.BOTH),
    LIMITS("limits", 0444, Place.BOTH),
    SCHED("sched", 0644, Place.BOTH),
    TIMENS_OFFSETS("timens_offsets", 0644, Place.PROCESS),
    COMM("comm", 0644, Place.BOTH),
    SYSCALL("syscall", 0400, Place.BOTH),
    CMDLINE("cmdline", 0444, Place.BOTH),
    STAT("stat", 0444, Place.BOTH),
    STATM("statm", 0444, Place.BOTH),
    MAPS("maps", 0444, Place.BOTH),
    CHILDREN("children", 0444, Place.THREAD),
    MEM("mem", 0600, Place.BOTH),
    CWD("cwd", 0777, Place.BOTH),
    ROOT("root", 0777, Place.BOTH),
    EXE("exe", 0777, Place.BOTH),
    MOUNTS("mounts", 0444, Place.BOTH),
    MOUNTINFO("mountinfo", 0444, Place.BOTH),
    MOUNTSTATS("mountstats", 0400, Place.PROCESS),
    SMAPS("smaps", 0444, Place.BOTH),
    SMAPS_ROLLUP("smaps_rollup", 0444, Place.BOTH),
    WCHAN("wchan", 0444, Place.BOTH),
    STACK("stack", 0400, Place.BOTH),
    SCHEDSTAT("schedstat", 0444, Place.BOTH),
    CPUSET("cpuset", 0444, Place.BOTH),
    CGROUP("cgroup", 0444, Place.BOTH),
    OOM_SCORE("oom_score", 0444, Place.BOTH),
    OOM_ADJ("oom_adj", 0644, Place.BOTH),
    OOM_SCORE_ADJ("oom_score_adj", 0644, Place.BOTH),
    LOGINUID("loginuid", 0644, Place.BOTH),
    SESSIONID("sessionid", 0444, Place.BOTH),
    COREDUMP_FILTER("coredump_filter", 0644, Place.PROCESS),
    IO("io", 0400, Place.BOTH),
    UID_MAP("uid_map", 0644, Place.BOTH),
    GID_MAP("gid_map", 0644, Place.BOTH),
    SETGROUPS("setgroups", 0644, Place.BOTH),
    TIMERS("timers", 0444, Place.PROCESS),
    TIMERSLACK_NS("timerslack_ns", 0666, Place.PROCESS);

    private static final Map<String, TaskEntry> BY_NAME = new HashMap<>();

    static {
        for (TaskEntry entry : values()) {
            BY_NAME.put(entry.fileName, entry);
        }
    }

    private enum Place {
        PROCESS,
        THREAD,
        BOTH
    }

    private final String fileName;
    private final int permissions;
    private final Place place;

    TaskEntry(String fileName, int permissions, Place place) {
        this.fileName = fileName;
        this.permissions = permissions;
        this.place = place;
    }

    static @Nullable TaskEntry find(String name) {
        return BY_NAME.get(name);
    }

    String fileName() {
        return fileName;
    }

    int permissions() {
        return permissions;
    }

    boolean isIn(Subject subject) {
        return place == Place.BOTH || (place == Place.PROCESS) == subject.isProcess();
    }
}
