package dev.runsc.gofer.abi;

import java.util.List;

/** Which headers define what: the table behind {@link AbiTest}. */
final class AbiNatives {
    private AbiNatives() {}

    /** A class of constants and the headers that define them. */
    record Constants(Class<?> type, List<String> headers) {}

    /**
     * A record and the C struct it stands for.
     *
     * @param fields the members, in the order of the record's components that are not nested
     */
    record Struct(Class<? extends Record> type, String name, String headers, String fields) {}

    private static Constants constants(Class<?> type, String headers) {
        return new Constants(type, List.of(headers.split(" ")));
    }

    static final List<Constants> CONSTANTS =
            List.of(
                    constants(OpenFlags.class, "linux/fcntl.h linux/openat2.h"),
                    constants(FileMode.class, "sys/stat.h dirent.h linux/stat.h"),
                    constants(AtFlags.class, "linux/fcntl.h"),
                    constants(SeekWhence.class, "unistd.h linux/fs.h"),
                    constants(MmapFlags.class, "sys/mman.h linux/mman.h"),
                    constants(MountFlags.class, "sys/mount.h linux/magic.h"),
                    constants(MountApiFlags.class, "linux/fcntl.h linux/mount.h"),
                    constants(CloneFlags.class, "linux/sched.h"),
                    constants(SignalNumbers.class, "asm/signal.h asm/siginfo.h"),
                    constants(WaitFlags.class, "linux/wait.h"),
                    constants(PollEvents.class, "linux/poll.h linux/eventpoll.h"),
                    constants(EventFdFlags.class, "sys/eventfd.h sys/signalfd.h sys/timerfd.h"),
                    constants(InotifyFlags.class, "sys/inotify.h"),
                    constants(FutexOps.class, "linux/futex.h"),
                    constants(ClockIds.class, "linux/time.h linux/timex.h"),
                    constants(Prctl.class, "linux/prctl.h"),
                    constants(RLimits.class, "linux/resource.h"),
                    constants(FcntlCommands.class, "linux/fcntl.h"),
                    constants(
                            Ioctls.class,
                            "asm/termbits.h asm/ioctls.h linux/sockios.h linux/fs.h linux/tty.h"
                                    + " linux/fiemap.h linux/serial.h"),
                    constants(TermiosFlags.class, "asm/termbits.h asm/termios.h"),
                    constants(SocketConstants.class, "sys/socket.h linux/un.h asm/socket.h"),
                    constants(
                            InetOptions.class, "netinet/in.h linux/tcp.h linux/udp.h linux/icmp.h"),
                    constants(
                            NetlinkConstants.class,
                            "sys/socket.h linux/netlink.h linux/rtnetlink.h linux/if.h"
                                    + " linux/if_link.h linux/if_addr.h linux/if_arp.h"),
                    constants(Capabilities.class, "linux/capability.h"),
                    constants(StatxMasks.class, "linux/stat.h"),
                    constants(ArchPrctl.class, "asm/prctl.h"),
                    constants(AuxVector.class, "linux/auxvec.h asm/auxvec.h"),
                    constants(ElfConstants.class, "elf.h"),
                    constants(XattrFlags.class, "linux/limits.h linux/xattr.h"),
                    constants(RenameFlags.class, "linux/fs.h"),
                    constants(FallocateModes.class, "linux/falloc.h"),
                    constants(SpliceFlags.class, "fcntl.h linux/fs.h"),
                    constants(
                            SeccompConstants.class,
                            "linux/seccomp.h linux/filter.h linux/audit.h sys/ioctl.h"),
                    constants(Sched.class, "linux/sched.h linux/sched/types.h linux/ioprio.h"),
                    constants(MemoryPolicy.class, "linux/mempolicy.h"),
                    constants(Membarrier.class, "linux/membarrier.h"),
                    constants(Rseq.class, "linux/rseq.h"),
                    constants(
                            DescriptorFlags.class,
                            "linux/fcntl.h linux/memfd.h linux/close_range.h linux/random.h"
                                    + " linux/kcmp.h linux/pidfd.h"),
                    constants(Personality.class, "linux/personality.h"),
                    constants(PtraceConstants.class, "linux/ptrace.h asm/ptrace-abi.h"),
                    constants(
                            SystemVIpc.class,
                            "linux/ipc.h linux/msg.h linux/sem.h linux/shm.h linux/mqueue.h"),
                    constants(
                            KernelLimits.class,
                            "linux/limits.h linux/uio.h linux/reboot.h linux/keyctl.h"
                                    + " linux/utsname.h"),
                    constants(SyscallNumbers.class, "sys/syscall.h"));

    private static Struct struct(
            Class<? extends Record> type, String name, String headers, String fields) {
        return new Struct(type, name, headers, fields);
    }

    static final List<Struct> STRUCTS =
            List.of(
                    struct(Timespec.class, "struct timespec", "time.h", "tv_sec tv_nsec"),
                    struct(Timeval.class, "struct timeval", "sys/time.h", "tv_sec tv_usec"),
                    struct(
                            Timezone.class,
                            "struct timezone",
                            "sys/time.h",
                            "tz_minuteswest tz_dsttime"),
                    struct(
                            Stat.class,
                            "struct stat",
                            "sys/stat.h",
                            "st_dev st_ino st_nlink st_mode st_uid st_gid st_rdev st_size"
                                    + " st_blksize st_blocks st_atim.tv_sec st_atim.tv_nsec"
                                    + " st_mtim.tv_sec st_mtim.tv_nsec st_ctim.tv_sec"
                                    + " st_ctim.tv_nsec"),
                    struct(
                            Statx.class,
                            "struct statx",
                            "linux/stat.h",
                            "stx_mask stx_blksize stx_attributes stx_nlink stx_uid stx_gid"
                                    + " stx_mode stx_ino stx_size stx_blocks stx_attributes_mask"
                                    + " stx_atime.tv_sec stx_atime.tv_nsec stx_btime.tv_sec"
                                    + " stx_btime.tv_nsec stx_ctime.tv_sec stx_ctime.tv_nsec"
                                    + " stx_mtime.tv_sec stx_mtime.tv_nsec stx_rdev_major"
                                    + " stx_rdev_minor stx_dev_major stx_dev_minor stx_mnt_id"
                                    + " stx_dio_mem_align stx_dio_offset_align"),
                    struct(
                            StatxTimestamp.class,
                            "struct statx_timestamp",
                            "linux/stat.h",
                            "tv_sec tv_nsec"),
                    struct(
                            Statfs.class,
                            "struct statfs",
                            "asm/statfs.h",
                            "f_type f_bsize f_blocks f_bfree f_bavail f_files f_ffree f_fsid"
                                    + " f_namelen f_frsize f_flags"),
                    struct(
                            Rlimit.class,
                            "struct rlimit64",
                            "linux/resource.h",
                            "rlim_cur rlim_max"),
                    struct(
                            Rusage.class,
                            "struct rusage",
                            "sys/resource.h",
                            "ru_utime.tv_sec ru_utime.tv_usec ru_stime.tv_sec ru_stime.tv_usec"
                                    + " ru_maxrss ru_ixrss ru_idrss ru_isrss ru_minflt ru_majflt"
                                    + " ru_nswap ru_inblock ru_oublock ru_msgsnd ru_msgrcv"
                                    + " ru_nsignals ru_nvcsw ru_nivcsw"),
                    struct(
                            Sysinfo.class,
                            "struct sysinfo",
                            "linux/sysinfo.h",
                            "uptime loads[0] loads[1] loads[2] totalram freeram sharedram"
                                    + " bufferram totalswap freeswap procs totalhigh freehigh"
                                    + " mem_unit"),
                    struct(Iovec.class, "struct iovec", "sys/uio.h", "iov_base iov_len"),
                    struct(
                            Itimerval.class,
                            "struct itimerval",
                            "sys/time.h",
                            "it_interval.tv_sec it_interval.tv_usec it_value.tv_sec"
                                    + " it_value.tv_usec"),
                    struct(
                            Itimerspec.class,
                            "struct itimerspec",
                            "time.h",
                            "it_interval.tv_sec it_interval.tv_nsec it_value.tv_sec"
                                    + " it_value.tv_nsec"),
                    struct(
                            Sigaction.class,
                            "struct sigaction",
                            "asm/signal.h",
                            "sa_handler sa_flags sa_restorer sa_mask"),
                    struct(StackT.class, "stack_t", "asm/signal.h", "ss_sp ss_flags ss_size"),
                    struct(
                            Winsize.class,
                            "struct winsize",
                            "asm/termios.h",
                            "ws_row ws_col ws_xpixel ws_ypixel"),
                    struct(
                            EpollEvent.class,
                            "struct epoll_event",
                            "linux/eventpoll.h",
                            "events data"),
                    struct(PollFd.class, "struct pollfd", "linux/poll.h", "fd events revents"),
                    struct(
                            Tms.class,
                            "struct tms",
                            "sys/times.h",
                            "tms_utime tms_stime tms_cutime tms_cstime"),
                    struct(
                            Flock.class,
                            "struct flock",
                            "linux/fcntl.h",
                            "l_type l_whence l_start l_len l_pid"),
                    struct(
                            SchedAttr.class,
                            "struct sched_attr",
                            "linux/types.h linux/sched/types.h",
                            "size sched_policy sched_flags sched_nice sched_priority sched_runtime"
                                    + " sched_deadline sched_period sched_util_min"
                                    + " sched_util_max"),
                    struct(
                            CloneArgs.class,
                            "struct clone_args",
                            "linux/types.h linux/sched.h",
                            "flags pidfd child_tid parent_tid exit_signal stack stack_size tls"
                                    + " set_tid set_tid_size cgroup"),
                    struct(
                            OpenHow.class,
                            "struct open_how",
                            "linux/openat2.h",
                            "flags mode resolve"),
                    struct(
                            Msghdr.class,
                            "struct msghdr",
                            "sys/socket.h",
                            "msg_name msg_namelen msg_iov msg_iovlen msg_control msg_controllen"
                                    + " msg_flags"),
                    struct(
                            Cmsghdr.class,
                            "struct cmsghdr",
                            "sys/socket.h",
                            "cmsg_len cmsg_level cmsg_type"),
                    struct(Ucred.class, "struct ucred", "sys/socket.h", "pid uid gid"),
                    struct(Linger.class, "struct linger", "sys/socket.h", "l_onoff l_linger"));
}
