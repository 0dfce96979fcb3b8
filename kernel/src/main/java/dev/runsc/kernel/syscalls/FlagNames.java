package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.ArchPrctl;
import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.ClockIds;
import dev.runsc.gofer.abi.CloneFlags;
import dev.runsc.gofer.abi.ConstantNames;
import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.EventFdFlags;
import dev.runsc.gofer.abi.FallocateModes;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.FutexOps;
import dev.runsc.gofer.abi.InetOptions;
import dev.runsc.gofer.abi.InotifyFlags;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.gofer.abi.NetlinkConstants;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.Prctl;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.gofer.abi.RenameFlags;
import dev.runsc.gofer.abi.RlimitNames;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.abi.SpliceFlags;
import dev.runsc.gofer.abi.StatxMasks;
import dev.runsc.gofer.abi.WaitFlags;
import java.util.List;
import java.util.Map;

/** Families of constants, as calls take them. */
final class FlagNames {
    static final ConstantNames OPEN =
            names(OpenFlags.class, "O_", "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE", "O_NDELAY");
    static final ConstantNames ACCESS_MODE =
            names(OpenFlags.class, "O_RDONLY")
                    .and(names(OpenFlags.class, "O_WRONLY"))
                    .and(names(OpenFlags.class, "O_RDWR"))
                    .and(names(OpenFlags.class, "O_ACCMODE"));
    static final ConstantNames PROTECTION = names(MmapFlags.class, "PROT_");
    static final ConstantNames MAPPING =
            names(
                            MmapFlags.class,
                            "MAP_",
                            "MAP_FILE",
                            "MAP_TYPE",
                            "MAP_FAILED",
                            "MAP_HUGE_",
                            "MAP_ANON")
                    .and("MAP_ANONYMOUS", MmapFlags.MAP_ANONYMOUS);
    static final ConstantNames REMAPPING = names(MmapFlags.class, "MREMAP_");
    static final ConstantNames SYNCHRONIZING = names(MmapFlags.class, "MS_");
    static final ConstantNames ADVICE = names(MmapFlags.class, "MADV_");

    /** unistd.h. */
    private static final ConstantNames PERMISSION =
            ConstantNames.of("F_OK", 0).and("X_OK", 1).and("W_OK", 2).and("R_OK", 4).called("?_OK");

    private static final int PERMISSIONS = 7;

    static final ConstantNames AT =
            names(AtFlags.class, "AT_", "AT_FDCWD", "AT_REMOVEDIR", "AT_EACCESS", "AT_STATX_SYNC");
    static final ConstantNames AT_ACCESS =
            names(AtFlags.class, "AT_SYMLINK_NOFOLLOW")
                    .and(names(AtFlags.class, "AT_EACCESS"))
                    .and(names(AtFlags.class, "AT_EMPTY_PATH"))
                    .called("AT_???");
    static final ConstantNames AT_UNLINK = names(AtFlags.class, "AT_REMOVEDIR");
    static final ConstantNames STATX = names(StatxMasks.class, "STATX_", "STATX_ATTR", "STATX__");
    static final ConstantNames RENAME = names(RenameFlags.class, "RENAME_").called("RENAME_??");
    static final ConstantNames FALLOCATE = names(FallocateModes.class, "FALLOC_FL_");
    static final ConstantNames SEEK = names(SeekWhence.class, "SEEK_", "SEEK_MAX");
    static final ConstantNames FADVICE = names(SpliceFlags.class, "POSIX_FADV_");
    static final ConstantNames SPLICE = names(SpliceFlags.class, "SPLICE_F_");
    static final ConstantNames READ_WRITE =
            names(SpliceFlags.class, "RWF_", "RWF_WRITE_LIFE", "RWF_SUPPORTED");
    static final ConstantNames FCNTL =
            names(
                    FcntlCommands.class,
                    "F_",
                    "F_OWNER_",
                    "F_SEAL_",
                    "F_RDLCK",
                    "F_WRLCK",
                    "F_UNLCK",
                    "F_EXLCK",
                    "F_SHLCK",
                    "F_LINUX");
    static final ConstantNames LOCK_TYPE =
            names(FcntlCommands.class, "F_RDLCK")
                    .and(names(FcntlCommands.class, "F_WRLCK"))
                    .and(names(FcntlCommands.class, "F_UNLCK"));
    static final ConstantNames SEALS = names(FcntlCommands.class, "F_SEAL_");
    static final ConstantNames DESCRIPTOR = names(FcntlCommands.class, "FD_");
    static final ConstantNames FLOCK =
            names(FcntlCommands.class, "LOCK_", "LOCK_READ", "LOCK_WRITE", "LOCK_RW", "LOCK_MAND");
    static final ConstantNames IOCTL =
            names(Ioctls.class, "TC", "TCSAN", "TCSAD", "TCSAF", "TCO", "TCI")
                    .and(names(Ioctls.class, "TIO", "TIOCPKT_", "TIOCINQ", "TIOCSER_", "TIOCM_"))
                    .and(names(Ioctls.class, "FIO"))
                    .and(names(Ioctls.class, "SIOC", "SIOCGSTAMP", "SIOCINQ", "SIOCOUTQ"));
    static final ConstantNames FILE_TYPE = names(FileMode.class, "S_IF", "S_IFMT");
    static final ConstantNames SET_IDS =
            names(FileMode.class, "S_ISU")
                    .and(names(FileMode.class, "S_ISG"))
                    .and(names(FileMode.class, "S_ISV"))
                    .called("");

    static final ConstantNames CLOCK = names(ClockIds.class, "CLOCK_", "CLOCK_SGI");
    static final ConstantNames TIMER = names(ClockIds.class, "TIMER_");
    static final ConstantNames ITIMER = names(ClockIds.class, "ITIMER_");
    static final ConstantNames FUTEX =
            names(
                    FutexOps.class,
                    "FUTEX_",
                    "FUTEX_OP_",
                    "FUTEX_32",
                    "FUTEX_PRIVATE",
                    "FUTEX_WAITV",
                    "FUTEX_WAITERS",
                    "FUTEX_CLOCK",
                    "FUTEX_TID",
                    "FUTEX_OWNER",
                    "FUTEX_BITSET",
                    "FUTEX_CMD");

    static final ConstantNames CLONE = names(CloneFlags.class, "CLONE_", "CLONE_ARGS");
    static final ConstantNames WAIT =
            names(WaitFlags.class, "W", "WUNTRACED").and(names(WaitFlags.class, "__W"));

    /** waitid(2) has this name for the same bit. */
    static final ConstantNames WAIT4 =
            names(WaitFlags.class, "W", "WSTOPPED", "WEXITED").and(names(WaitFlags.class, "__W"));

    static final ConstantNames ID_TYPE = names(WaitFlags.class, "P_");
    static final ConstantNames PRCTL =
            names(Prctl.class, "PR_GET_")
                    .and(
                            names(
                                    Prctl.class,
                                    "PR_SET_",
                                    "PR_SET_MM_",
                                    "PR_SET_VMA_",
                                    "PR_SET_PTRACER_ANY"))
                    .and(names(Prctl.class, "PR_CAPBSET_"))
                    .and(names(Prctl.class, "PR_CAP_AMBIENT", "PR_CAP_AMBIENT_"))
                    .called("PR_???");
    static final ConstantNames ARCH = names(ArchPrctl.class, "ARCH_");
    static final ConstantNames USAGE = names(RLimits.class, "RUSAGE_");
    static final ConstantNames MASK_CHANGE =
            names(SignalNumbers.class, "SIG_BLOCK")
                    .and(names(SignalNumbers.class, "SIG_UNBLOCK"))
                    .and(names(SignalNumbers.class, "SIG_SETMASK"));
    static final ConstantNames ACTION = names(SignalNumbers.class, "SA_");

    /** The first that the kernel counts among them; libraries keep it for themselves. */
    private static final int REAL_TIME = 32;

    private static final int SIGNAL_MAX = 64;

    private static final ConstantNames SIGNAL =
            names(
                            SignalNumbers.class,
                            "SIG",
                            "SIG_",
                            "SIGEV_",
                            "SIGIOT",
                            "SIGPOLL",
                            "SIGUNUSED",
                            "SIGRT",
                            "SIGSTKSZ",
                            "SIGMINSTKSZ")
                    .and("SIGRTMIN", REAL_TIME);

    static final ConstantNames POLL =
            names(PollEvents.class, "POLL", "POLL_", "POLLREMOVE", "POLLFREE");
    static final ConstantNames EPOLL = names(PollEvents.class, "EPOLL", "EPOLL_", "EPOLLNVAL");
    static final ConstantNames EPOLL_OPERATION = names(PollEvents.class, "EPOLL_CTL_");
    static final ConstantNames EPOLL_CREATION = names(PollEvents.class, "EPOLL_CLOEXEC");
    static final ConstantNames EVENT_FD = names(EventFdFlags.class, "EFD_");
    static final ConstantNames SIGNAL_FD = names(EventFdFlags.class, "SFD_");
    static final ConstantNames TIMER_FD = names(EventFdFlags.class, "TFD_", "TFD_TIMER");
    static final ConstantNames TIMER_FD_SETTING = names(EventFdFlags.class, "TFD_TIMER");
    static final ConstantNames INOTIFY =
            names(InotifyFlags.class, "IN_", "IN_CLOEXEC", "IN_NONBLOCK");
    static final ConstantNames INOTIFY_CREATION =
            names(InotifyFlags.class, "IN_CLOEXEC").and(names(InotifyFlags.class, "IN_NONBLOCK"));
    static final ConstantNames CLOSE_RANGE = names(DescriptorFlags.class, "CLOSE_RANGE_");
    static final ConstantNames RANDOM = names(DescriptorFlags.class, "GRND_");
    static final ConstantNames MEMORY_FILE = names(DescriptorFlags.class, "MFD_", "MFD_HUGE_");

    static final ConstantNames FAMILY =
            names(SocketConstants.class, "AF_", "AF_FILE", "AF_LOCAL", "AF_ROUTE", "AF_MAX");
    static final ConstantNames SOCKET_TYPE =
            names(SocketConstants.class, "SOCK_", "SOCK_NONBLOCK", "SOCK_CLOEXEC", "SOCK_TX")
                    .and(names(SocketConstants.class, "SOCK_STREAM"));
    static final ConstantNames SOCKET_FLAGS =
            names(SocketConstants.class, "SOCK_NONBLOCK")
                    .and(names(SocketConstants.class, "SOCK_CLOEXEC"));
    static final ConstantNames INTERNET_PROTOCOL =
            names(InetOptions.class, "IPPROTO_", "IPPROTO_HOPOPTS", "IPPROTO_MAX");
    static final ConstantNames NETLINK_PROTOCOL =
            names(
                    NetlinkConstants.class,
                    "NETLINK_",
                    "NETLINK_UN",
                    "NETLINK_CONNECTED",
                    "NETLINK_INET_DIAG");
    static final ConstantNames MESSAGE =
            names(SocketConstants.class, "MSG_", "MSG_TRYHARD", "MSG_EOF");
    static final ConstantNames SHUTDOWN = names(SocketConstants.class, "SHUT_");
    static final ConstantNames OPTION_LEVEL =
            names(SocketConstants.class, "SOL_")
                    .and("SOL_IP", InetOptions.IPPROTO_IP)
                    .and("SOL_TCP", InetOptions.IPPROTO_TCP)
                    .and("SOL_UDP", InetOptions.IPPROTO_UDP)
                    .and("SOL_IPV6", InetOptions.IPPROTO_IPV6)
                    .called("SOL_??");
    static final ConstantNames MOUNT = names(MountFlags.class, "MS_", "MS_RMT", "MS_VERBOSE");
    static final ConstantNames UNMOUNT =
            names(MountFlags.class, "MNT_").and(names(MountFlags.class, "UMOUNT_"));

    /** Of mmap(2): where the size of huge pages stands. */
    private static final int MAP_HUGE_SHIFT = 26;

    /** SOCK_TYPE_MASK of Linux. */
    private static final int SOCKET_TYPE_MASK = 0xf;

    private static final Map<Integer, ConstantNames> OPTIONS =
            Map.of(
                    SocketConstants.SOL_SOCKET,
                    names(
                            SocketConstants.class,
                            "SO_",
                            "SO_DETACH_BPF",
                            "SO_GET_FILTER",
                            "SO_RCVTIMEO_",
                            "SO_SNDTIMEO_"),
                    InetOptions.IPPROTO_TCP,
                    names(
                            InetOptions.class,
                            "TCP_",
                            "TCP_NLA_",
                            "TCP_FLAG_",
                            "TCP_MSS_",
                            "TCP_CM_"),
                    InetOptions.IPPROTO_IP,
                    names(InetOptions.class, "IP_", "IP_PMTUDISC"),
                    InetOptions.IPPROTO_IPV6,
                    names(
                            InetOptions.class,
                            "IPV6_",
                            "IPV6_PMTUDISC",
                            "IPV6_TLV",
                            "IPV6_PRIORITY"));

    private FlagNames() {}

    private static ConstantNames names(Class<?> constants, String prefix, String... without) {
        return ConstantNames.of(constants, prefix, without);
    }

    /** Flags of open(2). */
    static String open(int flags) {
        String access = ACCESS_MODE.value(flags & OpenFlags.O_ACCMODE);
        int rest = flags & ~OpenFlags.O_ACCMODE;
        return rest == 0 ? access : access + "|" + OPEN.further(Integer.toUnsignedLong(rest));
    }

    /** Flags of 32 bits. */
    static String flags(ConstantNames names, long bits) {
        return names.flags(Integer.toUnsignedLong((int) bits));
    }

    /** What access(2) asks for, in the order in which one speaks of it. */
    static String permission(int bits) {
        int known = bits & PERMISSIONS;
        if (known == 0 || known != bits) {
            String rest = flags(PERMISSION, bits & ~PERMISSIONS);
            return known == 0 ? rest : permission(known) + "|" + ShownCall.hex(bits & ~PERMISSIONS);
        }
        return String.join("|", List.of(flags(PERMISSION, bits).split("\\|")).reversed());
    }

    /** A type of socket(2) with its flags. */
    static String socketType(int type) {
        int kind = type & SOCKET_TYPE_MASK;
        String name = SOCKET_TYPE.find(kind);
        if (name == null) {
            return SOCKET_FLAGS.flags(Integer.toUnsignedLong(type));
        }
        return type == kind
                ? name
                : name + "|" + SOCKET_FLAGS.flags(Integer.toUnsignedLong(type & ~kind));
    }

    /** Flags of mmap(2), of which four bits are a choice and six a number. */
    static String mapping(int flags) {
        int kind = flags & MmapFlags.MAP_TYPE;
        int huge = flags >>> MAP_HUGE_SHIFT;
        int rest = flags & ~kind & ~(huge << MAP_HUGE_SHIFT);
        String name = kind == 0 ? "MAP_FILE" : MAPPING.value(kind);
        return name
                + (rest == 0 ? "" : "|" + flags(MAPPING, rest))
                + (huge == 0 ? "" : "|" + huge + "<<MAP_HUGE_SHIFT");
    }

    /** A resource of getrlimit(2). */
    static String resource(int number) {
        String name = RlimitNames.of(number);
        return name.startsWith("0x") ? name + " /* RLIMIT_??? */" : name;
    }

    /** A command of ioctl(2); what has no name, in its parts. */
    static String ioctl(int command) {
        String name = IOCTL.find(command);
        if (name != null) {
            return name;
        }
        String direction =
                switch (command >>> 30) {
                    case 0 -> "_IOC_NONE";
                    case 1 -> "_IOC_WRITE";
                    case 2 -> "_IOC_READ";
                    default -> "_IOC_READ|_IOC_WRITE";
                };
        return "_IOC("
                + direction
                + ", "
                + ShownCall.hex(command >>> 8 & 0xff)
                + ", "
                + ShownCall.hex(command & 0xff)
                + ", "
                + ShownCall.hex(command >>> 16 & 0x3fff)
                + ")";
    }

    /** A protocol of socket(2). */
    static String protocol(int family, int protocol) {
        return switch (family) {
            case SocketConstants.AF_INET, SocketConstants.AF_INET6 ->
                    INTERNET_PROTOCOL.value(protocol);
            case SocketConstants.AF_NETLINK -> NETLINK_PROTOCOL.value(protocol);
            default -> Integer.toString(protocol);
        };
    }

    /** An option of setsockopt(2). */
    static String option(int level, int option) {
        ConstantNames names = OPTIONS.get(level);
        return names == null ? Integer.toString(option) : names.value(option);
    }

    /** A command of futex(2). */
    static String futex(int operation) {
        int command = operation & ~FutexOps.FUTEX_CLOCK_REALTIME;
        String name = FUTEX.find(command);
        if (name == null) {
            return FUTEX.value(operation);
        }
        return command == operation ? name : name + "|FUTEX_CLOCK_REALTIME";
    }

    /** Flags of statx(2), of which two bits are a choice. */
    static String statx(int flags) {
        int sync = flags & AtFlags.AT_STATX_SYNC_TYPE;
        String name =
                switch (sync) {
                    case AtFlags.AT_STATX_SYNC_AS_STAT -> "AT_STATX_SYNC_AS_STAT";
                    case AtFlags.AT_STATX_FORCE_SYNC -> "AT_STATX_FORCE_SYNC";
                    case AtFlags.AT_STATX_DONT_SYNC -> "AT_STATX_DONT_SYNC";
                    default -> ShownCall.hex(sync);
                };
        return flags == sync
                ? name
                : name + "|" + AT.further(Integer.toUnsignedLong(flags & ~sync));
    }

    /** Flags of clone(2), the signal at the end of the child among them. */
    static String clone(long bits) {
        int signal = (int) bits & 0xff;
        long flags = bits & ~0xffL;
        if (signal == 0) {
            return CLONE.flags(flags);
        }
        return flags == 0 ? signal(signal) : CLONE.flags(flags) + "|" + signal(signal);
    }

    /** Permissions as strace(1) writes them: never fewer than three digits. */
    static String octal(int mode) {
        String digits = Integer.toOctalString(mode);
        return "0".repeat(Math.max(mode == 0 ? 0 : 1, 3 - digits.length())) + digits;
    }

    /** The mode of an inode. */
    static String mode(int mode) {
        int type = mode & FileMode.S_IFMT;
        if (type != 0 && FILE_TYPE.find(type) == null) {
            return octal(mode);
        }
        int set = mode & (FileMode.S_ISUID | FileMode.S_ISGID | FileMode.S_ISVTX);
        return (type == 0 ? "" : FILE_TYPE.value(type) + "|")
                + (set == 0 ? "" : SET_IDS.flags(set) + "|")
                + octal(mode & ~type & ~set);
    }

    /** A signal as signal(7) calls it. */
    static String signal(int number) {
        String name = SIGNAL.find(number);
        if (name != null) {
            return name;
        }
        return number > REAL_TIME && number <= SIGNAL_MAX
                ? "SIGRT_" + (number - REAL_TIME)
                : Integer.toString(number);
    }
}
