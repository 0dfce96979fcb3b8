package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.SeccompConstants.*;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.task.Seccomp;
import dev.runsc.kernel.task.SeccompListener;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.seccomp.BpfProgram;
import dev.runsc.kernel.task.seccomp.CallData;
import dev.runsc.kernel.task.seccomp.Notifications;
import dev.runsc.kernel.task.seccomp.SeccompMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** seccomp(2), and the part of prctl(2) that came before it. */
final class SeccompCalls {
    private static final int FLAGS =
            SECCOMP_FILTER_FLAG_TSYNC
                    | SECCOMP_FILTER_FLAG_LOG
                    | SECCOMP_FILTER_FLAG_SPEC_ALLOW
                    | SECCOMP_FILTER_FLAG_NEW_LISTENER
                    | SECCOMP_FILTER_FLAG_TSYNC_ESRCH
                    | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;

    /** Where {@code struct sock_fprog} has its pointer, behind the length. */
    private static final int PROGRAM_POINTER = 8;

    private SeccompCalls() {}

    static long seccomp(Task task, Args args) throws ErrnoException {
        int flags = args.integer(1);
        long address = args.address(2);
        return switch (args.integer(0)) {
            case SECCOMP_SET_MODE_STRICT -> {
                if (flags != 0 || address != 0) {
                    throw Errno.EINVAL.error();
                }
                Seccomp.makeStrict(task);
                yield 0;
            }
            case SECCOMP_SET_MODE_FILTER -> setFilter(task, flags, address);
            case SECCOMP_GET_ACTION_AVAIL -> actionAvailable(task, flags, address);
            case SECCOMP_GET_NOTIF_SIZES -> notificationSizes(task, flags, address);
            default -> throw Errno.EINVAL.error();
        };
    }

    /** PR_SET_SECCOMP. */
    static long prctlSet(Task task, Args args) throws ErrnoException {
        long mode = args.longValue(1);
        if (mode == SECCOMP_MODE_STRICT) {
            Seccomp.makeStrict(task);
            return 0;
        }
        if (mode == SECCOMP_MODE_FILTER) {
            return setFilter(task, 0, args.address(2));
        }
        throw Errno.EINVAL.error();
    }

    /** PR_GET_SECCOMP. */
    static long currentMode(Task task, Args args) {
        SeccompMode mode = task.findSeccomp();
        return mode == null ? SECCOMP_MODE_DISABLED : mode.number();
    }

    private static long setFilter(Task task, int flags, long address) throws ErrnoException {
        boolean allThreads = (flags & SECCOMP_FILTER_FLAG_TSYNC) != 0;
        boolean listens = (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
        boolean plainError = (flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH) != 0;
        boolean killable = (flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) != 0;
        // A number that is returned is a descriptor or a thread, not either.
        if ((flags & ~FLAGS) != 0 || allThreads && listens && !plainError || killable && !listens) {
            throw Errno.EINVAL.error();
        }
        BpfProgram program = readProgram(task, address);
        boolean logs = (flags & SECCOMP_FILTER_FLAG_LOG) != 0;
        if (listens) {
            task.files().requireRoom(task);
        }
        Notifications notifications = listens ? new Notifications(killable) : null;
        Task opponent = Seccomp.addFilter(task, program, logs, allThreads, notifications);
        if (opponent == null) {
            return notifications == null ? 0 : listen(task, notifications);
        }
        if (plainError) {
            throw Errno.ESRCH.error();
        }
        return opponent.numbers().in(task.namespace());
    }

    private static int listen(Task task, Notifications notifications) throws ErrnoException {
        SeccompListener listener = new SeccompListener(notifications);
        boolean good = false;
        try {
            int fd = task.files().install(task, listener, true);
            good = true;
            return fd;
        } finally {
            if (!good) {
                listener.release(); // another thread took the last descriptor
            }
        }
    }

    /** seccomp_prepare_user_filter. */
    private static BpfProgram readProgram(Task task, long address) throws ErrnoException {
        int length = task.memory().readShort(address) & 0xffff;
        long instructions = task.memory().readLong(address + PROGRAM_POINTER);
        if (length == 0 || length > BPF_MAXINSNS) {
            throw Errno.EINVAL.error();
        }
        if (!task.credentials().noNewPrivileges()
                && !task.credentials().hasOwn(Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EACCES.error();
        }
        if (instructions == 0) {
            throw Errno.EINVAL.error();
        }
        byte[] bytes = new byte[length * BpfProgram.INSTRUCTION_BYTES];
        task.memory().copyIn(instructions, bytes);
        long[] program = new long[length];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(program);
        return BpfProgram.of(program);
    }

    /** {@code struct seccomp_notif_sizes}. */
    private static long notificationSizes(Task task, int flags, long address)
            throws ErrnoException {
        if (flags != 0) {
            throw Errno.EINVAL.error();
        }
        ByteBuffer sizes = ByteBuffer.allocate(6).order(ByteOrder.LITTLE_ENDIAN);
        sizes.putShort((short) SeccompListener.NOTIFICATION_BYTES);
        sizes.putShort((short) SeccompListener.RESPONSE_BYTES);
        sizes.putShort((short) CallData.BYTES);
        task.memory().copyOut(address, sizes.array());
        return 0;
    }

    private static long actionAvailable(Task task, int flags, long address) throws ErrnoException {
        if (flags != 0) {
            throw Errno.EINVAL.error();
        }
        return switch (task.memory().readInt(address)) {
            case SECCOMP_RET_KILL_PROCESS,
                    SECCOMP_RET_KILL_THREAD,
                    SECCOMP_RET_TRAP,
                    SECCOMP_RET_ERRNO,
                    SECCOMP_RET_TRACE,
                    SECCOMP_RET_USER_NOTIF,
                    SECCOMP_RET_LOG,
                    SECCOMP_RET_ALLOW ->
                    0;
            default -> throw Errno.EOPNOTSUPP.error();
        };
    }
}
