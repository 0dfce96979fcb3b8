package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.SeccompConstants.*;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.sync.Waiter;
import dev.runsc.kernel.task.seccomp.CallData;
import dev.runsc.kernel.task.seccomp.Notification;
import dev.runsc.kernel.task.seccomp.Notifications;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FileDescription;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A supervisor's descriptor, by which it learns of calls and answers them (seccomp_unotify(2)):
 * readable for calls that nobody has read, writable for calls that wait for an answer, hung up when
 * no task is under the filter any more.
 */
public final class SeccompListener extends FileDescription {
    /** {@code sizeof(struct seccomp_notif)}: id, pid, flags, data. */
    public static final int NOTIFICATION_BYTES = 16 + CallData.BYTES;

    /** {@code sizeof(struct seccomp_notif_resp)}: id, val, error, flags. */
    public static final int RESPONSE_BYTES = 24;

    /** {@code struct seccomp_notif_addfd}: id, flags, srcfd, newfd, newfd_flags. */
    private static final int DESCRIPTOR_BYTES = 24;

    private static final int DESCRIPTOR_BYTES_MAX = 4095;

    /** Where an ioctl's number has its argument's size; a larger structure may come some day. */
    private static final int SIZE_SHIFT = 16;

    private static final int SIZE_MASK = 0x3fff;
    private static final Timespec ZERO = new Timespec(0, 0);

    private final Notifications notifications;

    public SeccompListener(Notifications notifications) {
        super(OpenFlags.O_RDWR);
        this.notifications = notifications;
    }

    @Override
    protected void closed() {
        notifications.close();
    }

    @Override
    public int readiness() {
        return notifications.readiness();
    }

    @Override
    public void addWaiter(Waiter waiter, int events) {
        notifications.events().add(waiter, events);
    }

    @Override
    public void removeWaiter(Waiter waiter) {
        notifications.events().remove(waiter);
    }

    @Override
    public long ioctl(Caller caller, MemoryManager memory, int request, long argument)
            throws ErrnoException {
        if (!(caller instanceof Task task)) {
            throw Errno.EINVAL.error();
        }
        switch (request) {
            case SECCOMP_IOCTL_NOTIF_RECV -> receive(task, memory, argument);
            case SECCOMP_IOCTL_NOTIF_SEND -> send(memory, argument);
            case SECCOMP_IOCTL_NOTIF_ID_VALID -> {
                if (!notifications.waits(memory.readLong(argument))) {
                    throw Errno.ENOENT.error();
                }
            }
            default -> {
                int plain = request & ~(SIZE_MASK << SIZE_SHIFT);
                if (plain != (SECCOMP_IOCTL_NOTIF_ADDFD & ~(SIZE_MASK << SIZE_SHIFT))) {
                    throw Errno.EINVAL.error();
                }
                return addDescriptor(task, memory, argument, request >>> SIZE_SHIFT & SIZE_MASK);
            }
        }
        return 0;
    }

    /** SECCOMP_IOCTL_NOTIF_RECV: waits, whatever O_NONBLOCK says (seccomp_notify_recv). */
    private void receive(Task task, MemoryManager memory, long address) throws ErrnoException {
        requireZeros(memory, address, NOTIFICATION_BYTES);
        Notification taken = await(task);
        int pid = ((Task) taken.target()).numbers().in(task.namespace());
        ByteBuffer out = ByteBuffer.allocate(NOTIFICATION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(taken.id()).putInt(Math.max(pid, 0)).putInt(0);
        taken.call().writeTo(out);
        boolean given = false;
        try {
            memory.copyOut(address, out.array());
            given = true;
        } finally {
            if (!given) {
                notifications.giveBack(taken);
            }
        }
    }

    private Notification await(Task task) throws ErrnoException {
        Notification[] taken = new Notification[1];
        retain();
        try {
            task.blocking()
                    .untilDone(
                            notifications.events(),
                            PollEvents.POLLIN | PollEvents.POLLHUP,
                            Interruptible.FOREVER,
                            InterruptedSyscall.SYSTEM,
                            Errno.EAGAIN,
                            () -> {
                                Notification found = notifications.take();
                                if (found != null) {
                                    taken[0] = found;
                                    return 0;
                                }
                                if (!notifications.hasUsers()) {
                                    throw Errno.ENOENT.error();
                                }
                                return WOULD_BLOCK;
                            });
        } finally {
            release();
        }
        return taken[0];
    }

    private static void requireZeros(MemoryManager memory, long address, int length)
            throws ErrnoException {
        byte[] bytes = new byte[length];
        memory.copyIn(address, bytes);
        for (byte each : bytes) {
            if (each != 0) {
                throw Errno.EINVAL.error();
            }
        }
    }

    private static ByteBuffer read(MemoryManager memory, long address, int length)
            throws ErrnoException {
        byte[] bytes = new byte[length];
        memory.copyIn(address, bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** SECCOMP_IOCTL_NOTIF_SEND. */
    private void send(MemoryManager memory, long address) throws ErrnoException {
        ByteBuffer in = read(memory, address, RESPONSE_BYTES);
        long id = in.getLong();
        long value = in.getLong();
        int error = in.getInt();
        int flags = in.getInt();
        boolean goesOn = flags == SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        if (flags != 0 && !goesOn || goesOn && (error != 0 || value != 0)) {
            throw Errno.EINVAL.error();
        }
        notifications.answer(id, goesOn, value, error);
    }

    /**
     * SECCOMP_IOCTL_NOTIF_ADDFD (seccomp_notify_addfd): one of the supervisor's files gets a
     * descriptor in the process whose call waits; its number there.
     */
    private int addDescriptor(Task task, MemoryManager memory, long address, int size)
            throws ErrnoException {
        if (size < DESCRIPTOR_BYTES || size > DESCRIPTOR_BYTES_MAX) {
            throw Errno.EINVAL.error();
        }
        ByteBuffer in = read(memory, address, size);
        long id = in.getLong();
        int flags = in.getInt();
        int source = in.getInt();
        int wanted = in.getInt();
        int newFlags = in.getInt();
        while (in.hasRemaining()) {
            if (in.get() != 0) {
                throw Errno.E2BIG.error();
            }
        }
        boolean sets = (flags & SECCOMP_ADDFD_FLAG_SETFD) != 0;
        boolean sends = (flags & SECCOMP_ADDFD_FLAG_SEND) != 0;
        if ((newFlags & ~OpenFlags.O_CLOEXEC) != 0
                || (flags & ~(SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND)) != 0
                || wanted != 0 && !sets) {
            throw Errno.EINVAL.error();
        }
        FileDescription file = task.files().require(source);
        Notification asked = notifications.forDescriptor(id, sends);
        int fd = -1;
        try {
            fd = place(asked.target(), file, sets ? wanted : -1, newFlags != 0);
            return fd;
        } finally {
            if (sends) {
                notifications.added(asked, fd);
            }
        }
    }

    /**
     * Gives the file a descriptor in another process.
     *
     * @param wanted its number, or -1 for the lowest that is free
     */
    private static int place(Caller target, FileDescription file, int wanted, boolean onExec)
            throws ErrnoException {
        FdTable files = target instanceof Task other ? other.findFiles() : null;
        if (files == null) {
            throw Errno.ESRCH.error();
        }
        file.retain();
        boolean placed = false;
        try {
            int fd = wanted;
            if (wanted == -1) {
                fd = files.install(target, file, onExec);
            } else {
                files.replace(target, wanted, file, onExec);
            }
            placed = true;
            return fd;
        } finally {
            if (!placed) {
                file.release();
            }
        }
    }

    @Override
    public Stat stat(Caller caller) {
        int mode = FileMode.S_IRUSR | FileMode.S_IWUSR;
        return new Stat(0xe, 1, 1, mode, 0, 0, 0, 0, 4096, 0, ZERO, ZERO, ZERO);
    }

    @Override
    public String anonymousName() {
        return "anon_inode:seccomp notify";
    }
}
