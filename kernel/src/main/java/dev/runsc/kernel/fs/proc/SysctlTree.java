package dev.runsc.kernel.fs.proc;

import dev.runsc.kernel.fs.synthetic.ContentSource;
import dev.runsc.kernel.fs.synthetic.FixedText;
import dev.runsc.kernel.fs.synthetic.SyntheticDirectory;
import dev.runsc.kernel.fs.synthetic.SyntheticFile;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.UtsNamespace;
import dev.runsc.kernel.vfs.FdTable;

/** Builds {@code /proc/sys} (sysctl(8), Documentation/admin-guide/sysctl). */
final class SysctlTree {
    private final ProcFileSystem proc;

    private SysctlTree(ProcFileSystem proc) {
        this.proc = proc;
    }

    static SyntheticDirectory directory(ProcFileSystem proc) {
        SysctlTree tree = new SysctlTree(proc);
        SyntheticDirectory root = new SyntheticDirectory(proc);
        root.add("fs", tree.files());
        root.add("kernel", tree.kernel());
        root.add("net", tree.network());
        root.add("user", tree.user());
        root.add("vm", tree.memory());
        return root;
    }

    /** One directory being filled. */
    private final class Folder {
        final SyntheticDirectory directory = new SyntheticDirectory(proc);

        /** A value that is a fact of this kernel. */
        Folder fixed(String name, Object value) {
            return source(name, 0444, new FixedText(value + "\n"));
        }

        /** A number that may be changed and changes nothing. */
        Folder kept(String name, long value, long least, long most) {
            return source(name, 0644, new KeptNumbers(new long[] {value}, least, most));
        }

        /** Several such numbers. */
        Folder kept(String name, long... values) {
            return source(name, 0644, new KeptNumbers(values, 0, Long.MAX_VALUE));
        }

        Folder source(String name, int permissions, ContentSource source) {
            directory.add(name, new SyntheticFile(proc, permissions, source));
            return this;
        }

        Folder folder(String name, SyntheticDirectory child) {
            directory.add(name, child);
            return this;
        }
    }

    private SyntheticDirectory kernel() {
        Folder random =
                new Folder()
                        .source("boot_id", 0444, new SystemValue(proc, SystemValue.Kind.BOOT_ID))
                        .fixed("entropy_avail", 256)
                        .fixed("poolsize", 256)
                        .kept("urandom_min_reseed_secs", 60, 0, Integer.MAX_VALUE)
                        .source("uuid", 0444, new SystemValue(proc, SystemValue.Kind.UUID))
                        .kept("write_wakeup_threshold", 256, 0, 256);
        return new Folder()
                .fixed("arch", "x86_64")
                .fixed("cap_last_cap", 40)
                .source("core_pattern", 0644, new FixedText("core\n"))
                .kept("core_uses_pid", 0, 0, 1)
                .kept("dmesg_restrict", 1, 0, 1)
                .source("domainname", 0644, new SystemValue(proc, SystemValue.Kind.DOMAINNAME))
                .source("hostname", 0644, new SystemValue(proc, SystemValue.Kind.HOSTNAME))
                .folder(
                        "keys",
                        new Folder().kept("maxkeys", 200).kept("maxbytes", 20_000).directory)
                .kept("kptr_restrict", 1, 0, 2)
                .source("msgmax", 0644, IpcLimitValue.MSGMAX)
                .source("msgmnb", 0644, IpcLimitValue.MSGMNB)
                .source("msgmni", 0644, IpcLimitValue.MSGMNI)
                .fixed("ngroups_max", 65_536)
                .source("ns_last_pid", 0444, new SystemValue(proc, SystemValue.Kind.LAST_PID))
                .fixed("osrelease", UtsNamespace.RELEASE)
                .fixed("ostype", "Linux")
                .kept("overflowgid", 65_534, 0, 65_535)
                .kept("overflowuid", 65_534, 0, 65_535)
                .kept("perf_event_paranoid", 2, -1, 4)
                .fixed("pid_max", PidNamespace.MAX_PID)
                .kept("printk", 4, 4, 1, 7)
                .folder("pty", terminals())
                .kept("randomize_va_space", 2, 0, 2)
                .folder("random", random.directory)
                .fixed("sched_rt_runtime_us", 950_000)
                .source("sem", 0644, IpcLimitValue.SEM)
                .fixed("shm_rmid_forced", 0)
                .source("shmall", 0644, IpcLimitValue.SHMALL)
                .source("shmmax", 0644, IpcLimitValue.SHMMAX)
                .source("shmmni", 0644, IpcLimitValue.SHMMNI)
                .fixed("tainted", 0)
                .fixed("threads-max", 192_730)
                .fixed("unprivileged_bpf_disabled", 2)
                .fixed("version", UtsNamespace.VERSION)
                .folder("yama", new Folder().kept("ptrace_scope", 0, 0, 3).directory)
                .directory;
    }

    private SyntheticDirectory terminals() {
        return new Folder()
                .kept("max", 4096, 0, Integer.MAX_VALUE)
                .source("nr", 0444, new SystemValue(proc, SystemValue.Kind.TERMINALS))
                .kept("reserve", 1024, 0, Integer.MAX_VALUE)
                .directory;
    }

    private SyntheticDirectory files() {
        return new Folder()
                .kept("aio-max-nr", 65_536)
                .fixed("aio-nr", 0)
                .fixed("dentry-state", "0\t0\t45\t0\t0\t0")
                .folder("epoll", new Folder().kept("max_user_watches", 5_000_000).directory)
                .kept("file-max", 2_466_170)
                .fixed("file-nr", "0\t0\t2466170")
                .fixed("inode-nr", "0\t0")
                .fixed("inode-state", "0\t0\t0\t0\t0\t0\t0")
                .folder(
                        "inotify",
                        new Folder()
                                .kept("max_queued_events", 16_384)
                                .kept("max_user_instances", 128)
                                .kept("max_user_watches", 65_536)
                                .directory)
                .kept("lease-break-time", 45)
                .kept("leases-enable", 1, 0, 1)
                .kept("mount-max", 100_000)
                .fixed("nr_open", FdTable.MAX_DESCRIPTORS)
                .fixed("overflowgid", 65_534)
                .fixed("overflowuid", 65_534)
                .fixed("pipe-max-size", 1 << 20)
                .kept("pipe-user-pages-hard", 0)
                .kept("pipe-user-pages-soft", 16_384)
                .fixed("protected_fifos", 0)
                .fixed("protected_hardlinks", 1)
                .fixed("protected_regular", 0)
                .fixed("protected_symlinks", 0)
                .kept("suid_dumpable", 0, 0, 2)
                .directory;
    }

    private SyntheticDirectory memory() {
        return new Folder()
                .kept("admin_reserve_kbytes", 8192)
                .kept("dirty_background_ratio", 10, 0, 100)
                .kept("dirty_expire_centisecs", 3000)
                .kept("dirty_ratio", 20, 0, 100)
                .kept("dirty_writeback_centisecs", 500)
                .source("drop_caches", 0200, new KeptNumbers(new long[] {0}, 1, 4))
                .fixed("max_map_count", 65_530)
                .kept("min_free_kbytes", 67_584)
                .fixed("mmap_min_addr", 4096)
                .kept("nr_hugepages", 0, 0, 0)
                .kept("overcommit_kbytes", 0)
                .kept("overcommit_memory", 0, 0, 2)
                .kept("overcommit_ratio", 50, 0, Integer.MAX_VALUE)
                .kept("page-cluster", 3, 0, 31)
                .kept("panic_on_oom", 0, 0, 2)
                .kept("swappiness", 60, 0, 200)
                .kept("vfs_cache_pressure", 100)
                .directory;
    }

    private SyntheticDirectory user() {
        Folder user = new Folder();
        for (String kind :
                new String[] {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"}) {
            user.kept("max_" + kind + "_namespaces", 96_365, 0, Integer.MAX_VALUE);
        }
        return user.directory;
    }

    private SyntheticDirectory network() {
        Folder core =
                new Folder()
                        .source("default_qdisc", 0444, new FixedText("pfifo_fast\n"))
                        .kept("message_burst", 10)
                        .kept("message_cost", 5)
                        .kept("netdev_max_backlog", 1000)
                        .kept("optmem_max", 131_072)
                        .kept("rmem_default", 212_992)
                        .kept("rmem_max", 212_992)
                        .kept("somaxconn", 4096, 0, Integer.MAX_VALUE)
                        .kept("wmem_default", 212_992)
                        .kept("wmem_max", 212_992);
        Folder unix = new Folder().kept("max_dgram_qlen", 512);
        return new Folder()
                .folder("core", core.directory)
                .folder("ipv4", ipv4())
                .folder("ipv6", new Folder().directory)
                .folder("unix", unix.directory)
                .directory;
    }

    private SyntheticDirectory ipv4() {
        return new Folder()
                .kept("ip_default_ttl", 64, 1, 255)
                .kept("ip_forward", 0, 0, 1)
                .kept("ip_local_port_range", 32_768, 60_999)
                .kept("ip_nonlocal_bind", 0, 0, 1)
                .kept("ip_unprivileged_port_start", 1024, 0, 65_535)
                .kept("ping_group_range", 1, 0)
                .source("tcp_allowed_congestion_control", 0444, new FixedText("reno cubic\n"))
                .source("tcp_available_congestion_control", 0444, new FixedText("reno cubic\n"))
                .source("tcp_congestion_control", 0444, new FixedText("cubic\n"))
                .kept("tcp_dsack", 1, 0, 1)
                .kept("tcp_fin_timeout", 60)
                .kept("tcp_keepalive_intvl", 75)
                .kept("tcp_keepalive_probes", 9)
                .kept("tcp_keepalive_time", 7200)
                .kept("tcp_max_syn_backlog", 4096)
                .kept("tcp_mem", 283_893, 378_525, 567_786)
                .kept("tcp_moderate_rcvbuf", 1, 0, 1)
                .kept("tcp_no_metrics_save", 0, 0, 1)
                .kept("tcp_recovery", 1)
                .kept("tcp_retries2", 15, 0, 255)
                .kept("tcp_rmem", 4096, 131_072, 6_291_456)
                .kept("tcp_sack", 1, 0, 1)
                .kept("tcp_syn_retries", 6, 1, 127)
                .kept("tcp_syncookies", 1, 0, 2)
                .kept("tcp_timestamps", 1, 0, 2)
                .kept("tcp_tw_reuse", 2, 0, 2)
                .kept("tcp_window_scaling", 1, 0, 1)
                .kept("tcp_wmem", 4096, 16_384, 4_194_304)
                .directory;
    }
}
