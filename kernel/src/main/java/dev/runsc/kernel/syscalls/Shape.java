package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.CloneFlags;
import dev.runsc.gofer.abi.ConstantNames;
import dev.runsc.gofer.abi.EpollEvent;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.PollFd;
import dev.runsc.gofer.abi.Prctl;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.kernel.syscalls.ShownCall.Format;

/** What an argument of a call is, and with it how strace(1) writes it. */
enum Shape {
    FD((call, i) -> call.integer(i) == -100 ? "AT_FDCWD" : Integer.toString(call.integer(i))),
    PATH(at(ShownCall::string)),
    STRING(at(ShownCall::string)),
    ADDRESS((call, i) -> ShownCall.pointer(call.value(i))),
    SIZE((call, i) -> Long.toUnsignedString(call.value(i))),
    INT((call, i) -> Integer.toString(call.integer(i))),
    UNSIGNED((call, i) -> Integer.toUnsignedString(call.integer(i))),
    LONG((call, i) -> Long.toString(call.value(i))),
    OFFSET((call, i) -> Long.toString(call.value(i))),
    PID((call, i) -> Integer.toString(call.integer(i))),
    HEX((call, i) -> ShownCall.hex(call.value(i))),
    OCTAL((call, i) -> FlagNames.octal(call.integer(i))),
    UMASK((call, i) -> FlagNames.octal(call.integer(i))),
    INODE_MODE((call, i) -> FlagNames.mode(call.integer(i))),
    SIGNAL((call, i) -> FlagNames.signal(call.integer(i))),
    ARGV(at(ShownCall::strings)),
    ENVIRONMENT(at(ShownCall::environment)),

    /** As many bytes as the next argument says. */
    BUFFER_IN((call, i) ->
            call.value(i) == 0 ? "NULL" : call.bytes(call.value(i), call.value(i + 1))),
    /** As many bytes as the call returns. */
    BUFFER_OUT(true, at((call, address) -> call.bytes(address, call.result()))),
    STRING_OUT(true, at(ShownCall::string)),
    INT_OUT(true, at((call, address) -> "[" + call.readInt(address) + "]")),
    /** Of the argument before: what there is room for, and what it has become. */
    LENGTH(at((call, address) -> "[" + call.readInt(address) + "]")),
    OFFSET_POINTER(at((call, address) -> "[" + call.task().memory().readLong(address) + "]")),
    PIPE(true, at((call, at) -> call.array(at, 2, 4, fd -> Integer.toString(call.readInt(fd))))),
    /** As many buffers as the next argument says. */
    IOVEC_IN(
            (call, i) -> StructText.iovecs(call, call.value(i), call.value(i + 1), Long.MAX_VALUE)),
    IOVEC_OUT(
            true,
            (call, i) -> StructText.iovecs(call, call.value(i), call.value(i + 1), call.result())),

    OPEN_FLAGS((call, i) -> FlagNames.open(call.integer(i))),
    OPEN_ONLY_FLAGS(flags(FlagNames.OPEN)),
    /** The mode of a file that open(2) makes. */
    OPEN_MODE((call, i) ->
            (call.integer(i - 1) & (OpenFlags.O_CREAT | OpenFlags.O_TMPFILE))
                            == (call.integer(i - 1) & OpenFlags.O_DIRECTORY)
                    ? ""
                    : FlagNames.octal(call.integer(i))),
    PERMISSION((call, i) -> FlagNames.permission(call.integer(i))),
    AT_FLAGS(flags(FlagNames.AT)),
    ACCESS_FLAGS(flags(FlagNames.AT_ACCESS)),
    UNLINK_FLAGS(flags(FlagNames.AT_UNLINK)),
    RENAME_FLAGS(flags(FlagNames.RENAME)),
    FALLOCATE_FLAGS(flags(FlagNames.FALLOCATE)),
    STATX_FLAGS((call, i) -> FlagNames.statx(call.integer(i))),
    STATX(true, at(StructText::statx)),
    STATX_MASK(flags(FlagNames.STATX)),
    STAT(true, at(StructText::stat)),
    FILE_TIMES(
            at((call, at) -> call.array(at, 2, Timespec.BYTES, t -> StructText.fileTime(call, t)))),
    WHENCE(value(FlagNames.SEEK)),
    FADVICE(value(FlagNames.FADVICE)),
    SPLICE_FLAGS(flags(FlagNames.SPLICE)),
    READ_WRITE_FLAGS(flags(FlagNames.READ_WRITE)),
    FLOCK(flags(FlagNames.FLOCK)),
    MOUNT_FLAGS(flags(FlagNames.MOUNT)),
    UNMOUNT_FLAGS(flags(FlagNames.UNMOUNT)),
    MEMORY_FILE_FLAGS(flags(FlagNames.MEMORY_FILE)),
    CLOSE_RANGE_FLAGS(flags(FlagNames.CLOSE_RANGE)),
    RANDOM_FLAGS(flags(FlagNames.RANDOM)),
    FCNTL(value(FlagNames.FCNTL)),
    FCNTL_ARGUMENT(CommandText::fcntl),
    IOCTL((call, i) -> FlagNames.ioctl(call.integer(i))),
    IOCTL_ARGUMENT(true, CommandText::ioctl),

    PROTECTION(flags(FlagNames.PROTECTION)),
    MAP_FLAGS((call, i) -> FlagNames.mapping(call.integer(i))),
    REMAP_FLAGS(flags(FlagNames.REMAPPING)),
    REMAP_ADDRESS(
            (call, i) -> (call.integer(i - 1) & 2) == 0 ? "" : ShownCall.pointer(call.value(i))),
    SYNC_FLAGS(flags(FlagNames.SYNCHRONIZING)),
    ADVICE(value(FlagNames.ADVICE)),

    MASK_CHANGE(value(FlagNames.MASK_CHANGE)),
    SIGNALS_IN(at(StructText::signals)),
    SIGNALS_OUT(true, at(StructText::signals)),
    SIGNAL_INFO_IN(at(SignalText::info)),
    SIGNAL_INFO_OUT(true, at(SignalText::info)),
    /** As {@link #SIGNALS_IN}, and the call returns one of them. */
    SIGNALS_AWAITED(at(StructText::signals)),
    ACTION_IN(at(StructText::action)),
    ACTION_OUT(true, at(StructText::action)),

    CLOCK(value(FlagNames.CLOCK)),
    TIMER_FLAGS(flags(FlagNames.TIMER)),
    TIMESPEC_IN(at(StructText::timespec)),
    TIMESPEC_OUT(true, at(StructText::timespec)),
    TIMEVAL_IN(at(StructText::timeval)),
    TIMEVAL_OUT(true, at(StructText::timeval)),
    ITIMER(value(FlagNames.ITIMER)),
    ITIMERVAL_IN(at(StructText::itimerval)),
    ITIMERVAL_OUT(true, at(StructText::itimerval)),
    ITIMERSPEC_IN(at(StructText::itimerspec)),
    ITIMERSPEC_OUT(true, at(StructText::itimerspec)),

    CLONE_FLAGS((call, i) -> FlagNames.clone(call.value(i))),
    /** The arguments of clone(2) stand in another order, by name, as far as the flags ask. */
    CLONE_STACK((call, _) -> "child_stack=" + ShownCall.pointer(call.value(1))),
    CLONE_BITS((call, _) -> "flags=" + FlagNames.clone(call.value(0))),
    CLONE_PARENT_TID(CommandText::cloneParentTid),
    CLONE_TLS((call, _) ->
            (call.value(0) & CloneFlags.CLONE_SETTLS) == 0
                    ? ""
                    : "tls=" + ShownCall.hex(call.value(4))),
    CLONE_CHILD_TID(CommandText::cloneChildTid),
    CLONE_ARGUMENTS(at(StructText::clone)),
    WAIT_OPTIONS(flags(FlagNames.WAIT)),
    WAIT4_OPTIONS(flags(FlagNames.WAIT4)),
    WAIT_STATUS(
            true,
            at((call, address) ->
                    call.result() == 0
                            ? ShownCall.pointer(address)
                            : StructText.waitStatus(call, address))),
    USAGE_OUT(true, at(StructText::usage)),
    /** Of a child that was waited for, if there was one. */
    CHILD_USAGE(
            true,
            at((call, address) ->
                    call.result() == 0
                            ? ShownCall.pointer(address)
                            : StructText.usage(call, address))),
    ID_TYPE(value(FlagNames.ID_TYPE)),
    RESOURCE((call, i) -> FlagNames.resource(call.integer(i))),
    USAGE(value(FlagNames.USAGE)),
    LIMIT_IN(at((call, address) -> StructText.limit(call, address, "RLIM_INFINITY"))),
    LIMIT_OUT(true, at((call, address) -> StructText.limit(call, address, "RLIM_INFINITY"))),
    LIMIT64_IN(at((call, address) -> StructText.limit(call, address, "RLIM64_INFINITY"))),
    LIMIT64_OUT(true, at((call, address) -> StructText.limit(call, address, "RLIM64_INFINITY"))),
    PRCTL(value(FlagNames.PRCTL)),
    PRCTL_ARGUMENT((call, i) ->
            call.integer(0) == Prctl.PR_SET_NAME
                    ? call.string(call.value(i))
                    : ShownCall.hex(call.value(i))),
    PRCTL_REST(
            (call, i) -> call.integer(0) == Prctl.PR_SET_NAME ? "" : ShownCall.hex(call.value(i))),
    ARCH(value(FlagNames.ARCH)),
    UTSNAME(true, at(StructText::names)),

    FUTEX((call, i) -> FlagNames.futex(call.integer(i))),
    FUTEX_VALUE(CommandText::futexValue),
    FUTEX_TIMEOUT(CommandText::futexTimeout),
    FUTEX_ADDRESS(CommandText::futexAddress),
    FUTEX_LAST(CommandText::futexLast),

    /** As many as the next argument says. */
    POLL((call, i) ->
            call.array(
                    call.value(i),
                    Integer.toUnsignedLong(call.integer(i + 1)),
                    PollFd.BYTES,
                    at -> StructText.pollAsked(call, at))),
    /** Bits up to the first argument. */
    FD_SET(CommandText::descriptors),
    EPOLL_OPERATION(value(FlagNames.EPOLL_OPERATION)),
    EPOLL_FLAGS(flags(FlagNames.EPOLL_CREATION)),
    EPOLL_EVENT(
            at((call, address) ->
                    call.integer(1) == PollEvents.EPOLL_CTL_DEL
                            ? ShownCall.pointer(address)
                            : StructText.epollEvent(call, address))),
    EPOLL_EVENTS(
            true,
            at((call, address) ->
                    call.array(
                            address,
                            call.result(),
                            EpollEvent.BYTES,
                            event -> StructText.epollEvent(call, event)))),
    EVENT_FD_FLAGS(flags(FlagNames.EVENT_FD)),
    SIGNAL_FD_FLAGS(flags(FlagNames.SIGNAL_FD)),
    TIMER_FD_FLAGS(flags(FlagNames.TIMER_FD)),
    TIMER_FD_SETTING(flags(FlagNames.TIMER_FD_SETTING)),
    INOTIFY_MASK(flags(FlagNames.INOTIFY)),
    INOTIFY_FLAGS(flags(FlagNames.INOTIFY_CREATION)),

    FAMILY(value(FlagNames.FAMILY)),
    SOCKET_TYPE((call, i) -> FlagNames.socketType(call.integer(i))),
    SOCKET_FLAGS(flags(FlagNames.SOCKET_FLAGS)),
    PROTOCOL((call, i) -> FlagNames.protocol(call.integer(0), call.integer(i))),
    /** As long as the next argument says. */
    SOCKADDR_IN((call, i) -> StructText.socketAddress(call, call.value(i), call.integer(i + 1))),
    /** As long as is said where the next argument leads. */
    SOCKADDR_OUT(
            true,
            (call, i) ->
                    call.value(i) == 0
                            ? "NULL"
                            : StructText.socketAddress(
                                    call, call.value(i), call.readInt(call.value(i + 1)))),
    MESSAGE_IN(at((call, address) -> MessageText.message(call, address, Long.MAX_VALUE))),
    MESSAGE_OUT(true, at((call, address) -> MessageText.message(call, address, call.result()))),
    MESSAGES(true, at(MessageText::batch)),
    MESSAGE_FLAGS(flags(FlagNames.MESSAGE)),
    SHUTDOWN(value(FlagNames.SHUTDOWN)),
    OPTION_LEVEL(value(FlagNames.OPTION_LEVEL)),
    OPTION((call, i) -> FlagNames.option(call.integer(i - 1), call.integer(i))),
    OPTION_IN((call, i) -> CommandText.option(call, call.value(i), call.integer(i + 1))),
    OPTION_OUT(
            true,
            (call, i) -> CommandText.option(call, call.value(i), call.readInt(call.value(i + 1))));

    /** What lies at an address. */
    private interface Structure {
        String show(ShownCall call, long address) throws ErrnoException;
    }

    private final boolean filled;
    private final Format format;

    Shape(Format format) {
        this(false, format);
    }

    /**
     * @param filled it is the call that fills it
     */
    Shape(boolean filled, Format format) {
        this.filled = filled;
        this.format = format;
    }

    private static Format at(Structure structure) {
        return (call, i) -> call.value(i) == 0 ? "NULL" : structure.show(call, call.value(i));
    }

    private static Format value(ConstantNames names) {
        return (call, i) -> names.value(call.integer(i));
    }

    private static Format flags(ConstantNames names) {
        return (call, i) -> FlagNames.flags(names, call.value(i));
    }

    /** Before the call. */
    String before(ShownCall call, int index) {
        if (this == MESSAGE_OUT) {
            return show(call, index, at(MessageText::asked));
        }
        boolean isRead = this == IOCTL_ARGUMENT && CommandText.isRead(call.integer(index - 1));
        return filled && !isRead ? ShownCall.pointer(call.value(index)) : show(call, index);
    }

    /**
     * After the call.
     *
     * @param before as it was then
     */
    String after(ShownCall call, int index, String before) {
        boolean told = this == LENGTH || this == CLONE_PARENT_TID || this == CLONE_ARGUMENTS;
        String now = filled || told ? show(call, index) : before;
        return this != LENGTH || now.equals(before)
                ? now
                : before.replace("]", " => ") + now.substring(1);
    }

    /** What the call returns, when this argument says what that is; else empty. */
    String answer(ShownCall call, int index) {
        int result = (int) call.result();
        return switch (this) {
            case UMASK -> FlagNames.octal(result);
            case SIGNALS_AWAITED -> result + " (" + FlagNames.signal(result) + ")";
            case FCNTL -> CommandText.fcntlAnswer(call.integer(index), result);
            case POLL -> result + StructText.pollFound(call, call.value(index));
            default -> "";
        };
    }

    private String show(ShownCall call, int index) {
        return show(call, index, format);
    }

    private static String show(ShownCall call, int index, Format format) {
        try {
            return format.show(call, index);
        } catch (ErrnoException unreadable) {
            return ShownCall.pointer(call.value(index));
        }
    }
}
