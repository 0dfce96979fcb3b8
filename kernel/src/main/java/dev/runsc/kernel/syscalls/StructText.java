package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.CloneArgs;
import dev.runsc.gofer.abi.CloneFlags;
import dev.runsc.gofer.abi.ConstantNames;
import dev.runsc.gofer.abi.DeviceNumber;
import dev.runsc.gofer.abi.EpollEvent;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Flock;
import dev.runsc.gofer.abi.Iovec;
import dev.runsc.gofer.abi.Itimerspec;
import dev.runsc.gofer.abi.Itimerval;
import dev.runsc.gofer.abi.PollFd;
import dev.runsc.gofer.abi.Rlimit;
import dev.runsc.gofer.abi.Rusage;
import dev.runsc.gofer.abi.Sigaction;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Statx;
import dev.runsc.gofer.abi.StatxMasks;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.gofer.abi.Timeval;
import dev.runsc.gofer.abi.Utsname;
import dev.runsc.gofer.abi.Winsize;
import dev.runsc.kernel.vfs.RawName;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Structures in the guest's memory as strace(1) writes them. */
final class StructText {
    /** linux/stat.h. */
    private static final int UTIME_NOW = 0x3fffffff;

    private static final int UTIME_OMIT = 0x3ffffffe;

    private static final int SIGNALS = 64;

    /** Of more signals those are named that are not in the set. */
    private static final int NAMED_MAX = SIGNALS * 2 / 3;

    private static final int ADDRESS_BYTES_MAX = 128;

    private static final ConstantNames STATX_ATTRIBUTES =
            ConstantNames.of(StatxMasks.class, "STATX_ATTR_");

    private StructText() {}

    static String timespec(ShownCall call, long address) throws ErrnoException {
        return text(call.read(address, Timespec.BYTES, Timespec::readFrom));
    }

    private static String text(Timespec time) {
        return "{tv_sec=" + time.seconds() + ", tv_nsec=" + time.nanos() + "}";
    }

    static String timeval(ShownCall call, long address) throws ErrnoException {
        return text(call.read(address, Timeval.BYTES, Timeval::readFrom));
    }

    private static String text(Timeval time) {
        return "{tv_sec=" + time.seconds() + ", tv_usec=" + time.micros() + "}";
    }

    /** A time that utimensat(2) sets. */
    static String fileTime(ShownCall call, long address) throws ErrnoException {
        Timespec time = call.read(address, Timespec.BYTES, Timespec::readFrom);
        return time.nanos() == UTIME_NOW
                ? "UTIME_NOW"
                : time.nanos() == UTIME_OMIT ? "UTIME_OMIT" : text(time);
    }

    static String itimerspec(ShownCall call, long address) throws ErrnoException {
        Itimerspec timer = call.read(address, Itimerspec.BYTES, Itimerspec::readFrom);
        return "{it_interval=" + text(timer.interval()) + ", it_value=" + text(timer.value()) + "}";
    }

    static String itimerval(ShownCall call, long address) throws ErrnoException {
        Itimerval timer = call.read(address, Itimerval.BYTES, Itimerval::readFrom);
        return "{it_interval=" + text(timer.interval()) + ", it_value=" + text(timer.value()) + "}";
    }

    static String stat(ShownCall call, long address) throws ErrnoException {
        Stat stat = call.read(address, Stat.BYTES, Stat::readFrom);
        int type = stat.mode() & FileMode.S_IFMT;
        boolean device = type == FileMode.S_IFCHR || type == FileMode.S_IFBLK;
        String size =
                device
                        ? "st_rdev=makedev("
                                + ShownCall.hex(DeviceNumber.major(stat.rdev()))
                                + ", "
                                + ShownCall.hex(DeviceNumber.minor(stat.rdev()))
                                + ")"
                        : "st_size=" + stat.size();
        return "{st_mode=" + FlagNames.mode(stat.mode()) + ", " + size + ", ...}";
    }

    static String statx(ShownCall call, long address) throws ErrnoException {
        Statx stat = call.read(address, Statx.BYTES, Statx::readFrom);
        return "{stx_mask="
                + FlagNames.flags(FlagNames.STATX, stat.mask())
                + ", stx_attributes="
                + STATX_ATTRIBUTES.flags(stat.attributes())
                + ", stx_mode="
                + FlagNames.mode(stat.mode())
                + ", stx_size="
                + stat.size()
                + ", ...}";
    }

    static String usage(ShownCall call, long address) throws ErrnoException {
        Rusage usage = call.read(address, Rusage.BYTES, Rusage::readFrom);
        return "{ru_utime="
                + text(usage.userTime())
                + ", ru_stime="
                + text(usage.systemTime())
                + ", ...}";
    }

    static String signals(ShownCall call, long address) throws ErrnoException {
        return signals(call.task().memory().readLong(address));
    }

    private static String signals(long mask) {
        boolean others = Long.bitCount(mask) >= NAMED_MAX;
        List<String> names = new ArrayList<>();
        for (int signal = 1; signal <= SIGNALS; signal++) {
            if ((mask >>> (signal - 1) & 1) != (others ? 1 : 0)) {
                names.add(FlagNames.signal(signal).substring("SIG".length()));
            }
        }
        return (others ? "~[" : "[") + String.join(" ", names) + "]";
    }

    static String action(ShownCall call, long address) throws ErrnoException {
        Sigaction action = call.read(address, Sigaction.BYTES, Sigaction::readFrom);
        long handler = action.handlerAddress();
        String restorer =
                action.restorerAddress() == 0
                        ? ""
                        : ", sa_restorer=" + ShownCall.hex(action.restorerAddress());
        return "{sa_handler="
                + (handler == 0 ? "SIG_DFL" : handler == 1 ? "SIG_IGN" : ShownCall.hex(handler))
                + ", sa_mask="
                + signals(action.mask())
                + ", sa_flags="
                + FlagNames.flags(FlagNames.ACTION, action.flags())
                + restorer
                + "}";
    }

    static String pollAsked(ShownCall call, long address) throws ErrnoException {
        PollFd poll = call.read(address, PollFd.BYTES, PollFd::readFrom);
        return poll.fd() < 0
                ? "{fd=" + poll.fd() + "}"
                : "{fd=" + poll.fd() + ", events=" + events(poll.events()) + "}";
    }

    /** What poll(2) has found. */
    static String pollFound(ShownCall call, long address) {
        List<String> found = new ArrayList<>();
        long count = Math.min(call.result(), ShownCall.ELEMENTS_MAX);
        try {
            for (long at = address; found.size() < count; at += PollFd.BYTES) {
                PollFd poll = call.read(at, PollFd.BYTES, PollFd::readFrom);
                if (poll.revents() != 0) {
                    found.add("{fd=" + poll.fd() + ", revents=" + events(poll.revents()) + "}");
                }
            }
        } catch (ErrnoException changed) {
            // Another thread has taken them away; what was there stands.
            found.add("...");
        }
        return count == 0 ? " (Timeout)" : " ([" + String.join(", ", found) + "])";
    }

    private static String events(int events) {
        return FlagNames.POLL.flags(events & 0xffff);
    }

    static String epollEvent(ShownCall call, long address) throws ErrnoException {
        EpollEvent event = call.read(address, EpollEvent.BYTES, EpollEvent::readFrom);
        return "{events="
                + FlagNames.flags(FlagNames.EPOLL, event.events())
                + ", data={u32="
                + Integer.toUnsignedString((int) event.data())
                + ", u64="
                + Long.toUnsignedString(event.data())
                + "}}";
    }

    static String limit(ShownCall call, long address, String infinity) throws ErrnoException {
        Rlimit limit = call.read(address, Rlimit.BYTES, Rlimit::readFrom);
        return "{rlim_cur="
                + limit(limit.current(), infinity)
                + ", rlim_max="
                + limit(limit.maximum(), infinity)
                + "}";
    }

    private static String limit(long value, String infinity) {
        if (value == -1) {
            return infinity;
        }
        return value > 1024 && value % 1024 == 0
                ? value / 1024 + "*1024"
                : Long.toUnsignedString(value);
    }

    static String waitStatus(ShownCall call, long address) throws ErrnoException {
        int status = call.readInt(address);
        int signal = status & 0x7f;
        String shown;
        if (status == 0xffff) {
            shown = "WIFCONTINUED(s)";
        } else if (signal == 0) {
            shown = "WIFEXITED(s) && WEXITSTATUS(s) == " + (status >> 8 & 0xff);
        } else if (signal == 0x7f) {
            shown = "WIFSTOPPED(s) && WSTOPSIG(s) == " + FlagNames.signal(status >> 8 & 0xff);
        } else {
            shown =
                    "WIFSIGNALED(s) && WTERMSIG(s) == "
                            + FlagNames.signal(signal)
                            + ((status & 0x80) == 0 ? "" : " && WCOREDUMP(s)");
        }
        return "[{" + shown + "}]";
    }

    /** Buffers, with so many bytes in them. */
    static String iovecs(ShownCall call, long address, long count, long bytes)
            throws ErrnoException {
        long[] rest = {bytes};
        return call.array(
                address,
                count,
                Iovec.BYTES,
                at -> {
                    Iovec iovec = call.read(at, Iovec.BYTES, Iovec::readFrom);
                    long there = Math.max(0, Math.min(rest[0], iovec.lengthBytes()));
                    rest[0] -= there;
                    return "{iov_base="
                            + call.bytes(iovec.baseAddress(), there)
                            + ", iov_len="
                            + iovec.lengthBytes()
                            + "}";
                });
    }

    static String names(ShownCall call, long address) throws ErrnoException {
        Utsname names = call.read(address, Utsname.BYTES, Utsname::readFrom);
        return "{sysname="
                + CallText.quote(names.sysname())
                + ", nodename="
                + CallText.quote(names.nodename())
                + ", ...}";
    }

    static String lock(ShownCall call, long address) throws ErrnoException {
        Flock lock = call.read(address, Flock.BYTES, Flock::readFrom);
        return "{l_type="
                + FlagNames.LOCK_TYPE.value(lock.type())
                + ", l_whence="
                + FlagNames.SEEK.value(lock.whence())
                + ", l_start="
                + lock.start()
                + ", l_len="
                + lock.length()
                + "}";
    }

    static String windowSize(ShownCall call, long address) throws ErrnoException {
        Winsize size = call.read(address, Winsize.BYTES, Winsize::readFrom);
        return "{ws_row="
                + size.rows()
                + ", ws_col="
                + size.columns()
                + ", ws_xpixel="
                + size.xPixels()
                + ", ws_ypixel="
                + size.yPixels()
                + "}";
    }

    static String clone(ShownCall call, long address) throws ErrnoException {
        CloneArgs clone = call.read(address, CloneArgs.BYTES, CloneArgs::readFrom);
        long flags = clone.flags();
        boolean child =
                (flags & (CloneFlags.CLONE_CHILD_SETTID | CloneFlags.CLONE_CHILD_CLEARTID)) != 0;
        return "{flags="
                + FlagNames.CLONE.flags(flags)
                + pointer(", pidfd=", clone.pidfdAddress(), flags & CloneFlags.CLONE_PIDFD)
                + pointer(", child_tid=", clone.childTidAddress(), child ? 1 : 0)
                + pointer(
                        ", parent_tid=",
                        clone.parentTidAddress(),
                        flags & CloneFlags.CLONE_PARENT_SETTID)
                + ", exit_signal="
                + FlagNames.signal((int) clone.exitSignal())
                + ", stack="
                + ShownCall.pointer(clone.stackAddress())
                + ", stack_size="
                + ShownCall.hex(clone.stackSizeBytes())
                + pointer(", tls=", clone.tlsAddress(), flags & CloneFlags.CLONE_SETTLS)
                + "}"
                + born(call, clone);
    }

    private static String pointer(String name, long address, long asked) {
        return asked == 0 ? "" : name + ShownCall.pointer(address);
    }

    /** What clone3(2) has told, once it has come back. */
    private static String born(ShownCall call, CloneArgs clone) throws ErrnoException {
        List<String> told = new ArrayList<>();
        if (call.result() > 0 && (clone.flags() & CloneFlags.CLONE_PIDFD) != 0) {
            told.add("pidfd=[" + call.readInt(clone.pidfdAddress()) + "]");
        }
        if (call.result() > 0 && (clone.flags() & CloneFlags.CLONE_PARENT_SETTID) != 0) {
            told.add("parent_tid=[" + call.readInt(clone.parentTidAddress()) + "]");
        }
        return told.isEmpty() ? "" : " => {" + String.join(", ", told) + "}";
    }

    static String socketAddress(ShownCall call, long address, int length) throws ErrnoException {
        if (address == 0 || length < Short.BYTES || length > ADDRESS_BYTES_MAX) {
            return ShownCall.pointer(address);
        }
        ByteBuffer in = Users.read(call.task(), address, length);
        int family = in.getShort();
        String shown =
                switch (family) {
                    case SocketConstants.AF_UNIX -> unixName(in);
                    case SocketConstants.AF_INET -> internet(in);
                    case SocketConstants.AF_INET6 -> internet6(in);
                    default -> ", sa_data=" + CallText.quote(RawName.of(rest(in, in.remaining())));
                };
        return "{sa_family=" + FlagNames.FAMILY.value(family) + shown + "}";
    }

    private static byte[] rest(ByteBuffer in, int count) {
        byte[] bytes = new byte[Math.min(count, in.remaining())];
        in.get(bytes);
        return bytes;
    }

    private static String unixName(ByteBuffer in) {
        if (!in.hasRemaining()) {
            return "";
        }
        String name = RawName.of(rest(in, in.remaining()));
        if (name.charAt(0) == 0) {
            return ", sun_path=@" + CallText.quote(name.substring(1));
        }
        int end = name.indexOf(0);
        return ", sun_path=" + CallText.quote(end < 0 ? name : name.substring(0, end));
    }

    private static int port(ByteBuffer in) {
        return Short.toUnsignedInt(in.order(ByteOrder.BIG_ENDIAN).getShort());
    }

    private static String internet(ByteBuffer in) {
        if (in.remaining() < 6) {
            return ", ...";
        }
        return ", sin_port=htons("
                + port(in)
                + "), sin_addr=inet_addr(\""
                + host(rest(in, 4))
                + "\")";
    }

    private static String internet6(ByteBuffer in) {
        if (in.remaining() < 26) {
            return ", ...";
        }
        return ", sin6_port=htons("
                + port(in)
                + "), sin6_flowinfo=htonl("
                + in.getInt()
                + "), inet_pton(AF_INET6, \""
                + host(rest(in, 16))
                + "\", &sin6_addr), sin6_scope_id="
                + in.order(ByteOrder.LITTLE_ENDIAN).getInt();
    }

    private static String host(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException wrongLength) {
            throw new IllegalStateException(wrongLength);
        }
    }
}
