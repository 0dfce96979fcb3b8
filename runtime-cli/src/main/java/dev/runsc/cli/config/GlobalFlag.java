package dev.runsc.cli.config;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The flags that stand before the command. One row each; help is printed from here. */
enum GlobalFlag {
    ROOT("root", Kind.VALUE, Use.USED, "directory for the state of containers"),
    LOG("log", Kind.VALUE, Use.USED, "file that errors are appended to"),
    LOG_FORMAT("log-format", Kind.VALUE, Use.USED, "text, json or json-k8s"),
    DEBUG("debug", Kind.BOOLEAN, Use.USED, "write a debug log"),
    DEBUG_LOG(
            "debug-log",
            Kind.VALUE,
            Use.USED,
            "where: a file, or a directory when it ends in /; %TIMESTAMP% %COMMAND% %ID% %CID% are replaced"),
    DEBUG_LOG_FORMAT("debug-log-format", Kind.VALUE, Use.USED, "text"),
    PANIC_LOG(
            "panic-log",
            Kind.VALUE,
            Use.USED,
            "where a sandbox reports a fault of ours: as debug-log"),
    ALSO_TO_STDERR("alsologtostderr", Kind.BOOLEAN, Use.USED, "debug log on standard error too"),
    TIMINGS(
            "timings",
            Kind.BOOLEAN,
            Use.USED,
            "print what checkpoint and restore spent their time on"),
    PLATFORM("platform", Kind.VALUE, Use.USED, "how guest code runs: systrap"),
    NETWORK("network", Kind.VALUE, Use.USED, "none"),
    OVERLAY2(
            "overlay2",
            Kind.VALUE,
            Use.USED,
            "none, root:memory or root:self: where writes to the root go"),
    FILE_ACCESS(
            "file-access", Kind.VALUE, Use.USED, "exclusive or shared: may others change the root"),
    STRACE("strace", Kind.BOOLEAN, Use.USED, "print system calls to the debug log"),
    STRACE_SYSCALLS("strace-syscalls", Kind.VALUE, Use.USED, "only these, separated by commas"),
    STRACE_LOG_SIZE(
            "strace-log-size",
            Kind.VALUE,
            Use.USED,
            "how many bytes of a buffer are printed (default: 1024)"),
    WATCHDOG_ACTION(
            "watchdog-action",
            Kind.VALUE,
            Use.USED,
            "what a task that is stuck in the kernel leads to: log or panic (default: log)"),
    WATCHDOG_TIMEOUT(
            "watchdog-timeout",
            Kind.VALUE,
            Use.USED,
            "how long a task may stay in the kernel without a step (default: 3m)"),
    DEBUG_COMMAND(
            "debug-command",
            Kind.VALUE,
            Use.USED,
            "commands that have a debug log, separated by commas; after a ! those that have none"),
    REWRITE_CALL_SITES(
            "rewrite-call-sites",
            Kind.BOOLEAN,
            Use.USED,
            "rewrite system-call instructions into jumps (faster; on by default)"),
    NO_PATCHING(
            "systrap-disable-syscall-patching",
            Kind.BOOLEAN,
            Use.USED,
            "the reverse of rewrite-call-sites, under its usual name"),
    PAUSE_AT_SYSCALL(
            "pause-at-syscall",
            Kind.VALUE,
            Use.USED,
            "pause a container before its Nth system call since start or restore"),
    SPEC_VALIDATION("restore-spec-validation", Kind.VALUE, Use.USED, "enforce, warning or ignore"),
    ROOTLESS("rootless", Kind.BOOLEAN, Use.USED, "run without privileges"),
    IGNORE_CGROUPS("ignore-cgroups", Kind.BOOLEAN, Use.USED, "leave the host's cgroups alone"),
    SYSTEMD_CGROUP(
            "systemd-cgroup",
            Kind.BOOLEAN,
            Use.USED,
            "not supported: a container that needs it is refused"),
    MOUNT_CGROUP_V2(
            "mount-cgroup-v2",
            Kind.BOOLEAN,
            Use.USED,
            "mounts of type cgroup show version 2 (default); else a folder for each controller"),
    CPU_NUM_FROM_QUOTA(
            "cpu-num-from-quota",
            Kind.BOOLEAN,
            Use.USED,
            "show the guest as many processors as its quota is worth, two at least (the default)"),

    ALLOW_FLAG_OVERRIDE(
            "allow-flag-override",
            Kind.BOOLEAN,
            Use.USED,
            "let containers set any flag by an annotation dev.gvisor.flag.NAME"),
    ROOTFS_ARCHIVE(
            "allow-rootfs-tar-annotation",
            Kind.BOOLEAN,
            Use.USED,
            "let annotations name an archive of the host that a root begins with"),
    MARKER_FILE(
            "gvisor-marker-file",
            Kind.BOOLEAN,
            Use.USED,
            "let programs see /proc/gvisor/kernel_is_gvisor"),
    HOST_UDS("host-uds", Kind.VALUE, Use.FIXED, "none"),
    HOST_FIFO("host-fifo", Kind.VALUE, Use.FIXED, "none"),
    OCI_SECCOMP("oci-seccomp", Kind.BOOLEAN, Use.FIXED, "true"),
    NET_RAW("net-raw", Kind.BOOLEAN, Use.FIXED, "false"),
    IOURING("iouring", Kind.BOOLEAN, Use.FIXED, "false"),

    SHARED_ROOT("shared-root", Kind.VALUE, Use.IGNORED, ""),
    FILE_ACCESS_MOUNTS("file-access-mounts", Kind.VALUE, Use.IGNORED, ""),
    DIRECTFS("directfs", Kind.BOOLEAN, Use.IGNORED, ""),
    APP_HUGE_PAGES("app-huge-pages", Kind.BOOLEAN, Use.IGNORED, ""),
    PANIC_SIGNAL("panic-signal", Kind.VALUE, Use.IGNORED, ""),
    TRACEBACK("traceback", Kind.VALUE, Use.IGNORED, ""),
    COVERAGE_REPORT("coverage-report", Kind.VALUE, Use.IGNORED, ""),
    DEBUG_TO_USER_LOG("debug-to-user-log", Kind.BOOLEAN, Use.IGNORED, ""),
    HOST_SETTINGS("host-settings", Kind.VALUE, Use.IGNORED, ""),
    FDLIMIT("fdlimit", Kind.VALUE, Use.IGNORED, ""),
    DCACHE("dcache", Kind.VALUE, Use.IGNORED, ""),
    CONTROL_STOP_TIMEOUT("control-rpc-stop-timeout", Kind.VALUE, Use.IGNORED, ""),
    FAST_PATH("systrap-disable-fast-path", Kind.BOOLEAN, Use.IGNORED, ""),
    REF_LEAK_MODE("ref-leak-mode", Kind.VALUE, Use.IGNORED, ""),
    OVERLAY("overlay", Kind.BOOLEAN, Use.IGNORED, ""),
    VFS2("vfs2", Kind.BOOLEAN, Use.IGNORED, ""),
    FUSE("fuse", Kind.BOOLEAN, Use.IGNORED, ""),
    LISAFS("lisafs", Kind.BOOLEAN, Use.IGNORED, ""),
    CGROUPFS("cgroupfs", Kind.BOOLEAN, Use.IGNORED, "");

    /**
     * Whether a flag takes a word: {@code --name word} or {@code --name=word}; booleans only the
     * latter.
     */
    enum Kind {
        BOOLEAN,
        VALUE
    }

    /**
     * What becomes of a flag: acted on; only its one value taken; taken and ignored, told in the
     * debug log.
     */
    enum Use {
        USED,
        FIXED,
        IGNORED
    }

    private static final Map<String, GlobalFlag> BY_NAME = byName();

    final String flag;
    final Kind kind;
    final Use use;

    /** For {@link Use#FIXED}: the only value. */
    final String description;

    GlobalFlag(String flag, Kind kind, Use use, String description) {
        this.flag = flag;
        this.kind = kind;
        this.use = use;
        this.description = description;
    }

    static @Nullable GlobalFlag find(String name) {
        return BY_NAME.get(name);
    }

    private static Map<String, GlobalFlag> byName() {
        Map<String, GlobalFlag> map = new HashMap<>();
        for (GlobalFlag flag : values()) {
            map.put(flag.flag, flag);
        }
        return map;
    }
}
