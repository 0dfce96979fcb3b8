package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SystemVIpc;
import dev.runsc.kernel.ipc.IpcCaller;
import dev.runsc.kernel.ipc.IpcLimits;
import dev.runsc.kernel.ipc.IpcLimits.Limit;
import dev.runsc.kernel.ipc.IpcNamespace;
import dev.runsc.kernel.ipc.IpcObject;
import dev.runsc.kernel.ipc.MessageQueues;
import dev.runsc.kernel.ipc.Repeat;
import dev.runsc.kernel.ipc.SemaphoreSets;
import dev.runsc.kernel.ipc.SharedSegments;
import dev.runsc.kernel.task.Task;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The structs of the System V calls as x86-64 has them (asm-generic/ipcbuf.h, shmbuf.h, sembuf.h,
 * msgbuf.h), and what their calls share.
 */
final class IpcStructs {
    static final int SHARED_MEMORY_BYTES = 112;
    static final int SEMAPHORES_BYTES = 104;
    static final int MESSAGES_BYTES = 120;

    /** What IPC_SET reads of {@code struct ipc64_perm}. */
    private static final int UID_OFFSET = 4;

    private static final int GID_OFFSET = 8;
    private static final int MODE_OFFSET = 20;
    private static final int MESSAGES_QBYTES_OFFSET = 88;

    /** Which modern commands carry IPC_64; x86-64 ignores it and knows no other. */
    static final int MODERN = 0x100;

    private IpcStructs() {}

    static IpcNamespace namespace(Task task) {
        return task.namespaces().ipc();
    }

    static IpcCaller caller(Task task) {
        return new IpcCaller(task.credentials(), task.group().pid());
    }

    /** EINVAL for a negative number. */
    static int requireId(int id) throws ErrnoException {
        if (id < 0) {
            throw Errno.EINVAL.error();
        }
        return id;
    }

    /** Whether a call had waited before it was cut short is its progress. */
    static Repeat repeat(Task task) {
        return new Repeat() {
            @Override
            public boolean hasWaited() {
                return task.blocking().progress() != 0;
            }

            @Override
            public void noteWaited() {
                task.blocking().setProgress(1);
            }
        };
    }

    static void write(Task task, long address, ByteBuffer struct) throws ErrnoException {
        task.memory().copyOut(address, struct.array());
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer start(int bytes, IpcObject.Owner owner) {
        return buffer(bytes)
                .putInt(owner.key())
                .putInt(owner.uid())
                .putInt(owner.gid())
                .putInt(owner.creatorUid())
                .putInt(owner.creatorGid())
                .putInt(owner.mode())
                .putInt(owner.sequence() & 0xffff)
                .position(48);
    }

    static ByteBuffer of(SharedSegments.View view) {
        return start(SHARED_MEMORY_BYTES, view.owner())
                .putLong(view.sizeBytes())
                .putLong(view.attachTime())
                .putLong(view.detachTime())
                .putLong(view.changeTime())
                .putInt(view.creatorPid())
                .putInt(view.lastPid())
                .putLong(view.attachments());
    }

    static ByteBuffer of(SemaphoreSets.View view) {
        return start(SEMAPHORES_BYTES, view.owner())
                .putLong(view.operationTime())
                .putLong(0)
                .putLong(view.changeTime())
                .putLong(0)
                .putLong(view.count());
    }

    static ByteBuffer of(MessageQueues.View view) {
        return start(MESSAGES_BYTES, view.owner())
                .putLong(view.sendTime())
                .putLong(view.receiveTime())
                .putLong(view.changeTime())
                .putLong(view.textBytes())
                .putLong(view.count())
                .putLong(view.mostBytes())
                .putInt(view.lastSender())
                .putInt(view.lastReceiver());
    }

    /** {@code struct shminfo64}. */
    static ByteBuffer shmInfo(IpcLimits limits) {
        return buffer(72)
                .putLong(limits.get(Limit.SHMMAX))
                .putLong(SystemVIpc.SHMMIN)
                .putLong(limits.get(Limit.SHMMNI))
                .putLong(limits.get(Limit.SHMMNI))
                .putLong(limits.get(Limit.SHMALL));
    }

    /** {@code struct shm_info}. */
    static ByteBuffer shmInfo(SharedSegments.Summary summary) {
        return buffer(48)
                .putLong(summary.count())
                .putLong(summary.pages())
                .putLong(summary.residentPages());
    }

    /**
     * {@code struct seminfo}.
     *
     * @param sums whether it is SEM_INFO that asks
     */
    static ByteBuffer semInfo(IpcLimits limits, SemaphoreSets.Summary summary, boolean sums) {
        return buffer(40)
                .putInt(SystemVIpc.SEMMAP)
                .putInt((int) limits.get(Limit.SEMMNI))
                .putInt((int) limits.get(Limit.SEMMNS))
                .putInt(SystemVIpc.SEMMNU)
                .putInt((int) limits.get(Limit.SEMMSL))
                .putInt((int) limits.get(Limit.SEMOPM))
                .putInt(SystemVIpc.SEMUME)
                .putInt(sums ? summary.count() : SystemVIpc.SEMUSZ)
                .putInt(SystemVIpc.SEMVMX)
                .putInt(sums ? summary.semaphores() : SystemVIpc.SEMAEM);
    }

    /**
     * {@code struct msginfo}.
     *
     * @param sums whether it is MSG_INFO that asks
     */
    static ByteBuffer msgInfo(IpcLimits limits, MessageQueues.Summary summary, boolean sums) {
        long bytes = Math.min(summary.textBytes(), Integer.MAX_VALUE);
        return buffer(32)
                .putInt(sums ? summary.count() : SystemVIpc.MSGPOOL)
                .putInt(sums ? summary.messages() : SystemVIpc.MSGMAP)
                .putInt((int) limits.get(Limit.MSGMAX))
                .putInt((int) limits.get(Limit.MSGMNB))
                .putInt((int) limits.get(Limit.MSGMNI))
                .putInt(SystemVIpc.MSGSSZ)
                .putInt(sums ? (int) bytes : SystemVIpc.MSGTQL)
                .putShort((short) SystemVIpc.MSGSEG);
    }

    /** What IPC_SET takes. */
    record Change(int uid, int gid, int mode, long mostBytes) {}

    static Change readChange(Task task, long address, int bytes) throws ErrnoException {
        ByteBuffer in = Users.read(task, address, bytes);
        return new Change(
                in.getInt(UID_OFFSET),
                in.getInt(GID_OFFSET),
                in.getInt(MODE_OFFSET),
                bytes == MESSAGES_BYTES ? in.getLong(MESSAGES_QBYTES_OFFSET) : 0);
    }
}
