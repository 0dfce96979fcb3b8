package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.SystemVIpc.*;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.kernel.ipc.IpcCaller;
import dev.runsc.kernel.ipc.IpcObject;
import dev.runsc.kernel.ipc.SegmentAttachment;
import dev.runsc.kernel.ipc.SharedSegments;
import dev.runsc.kernel.memory.Addresses;
import dev.runsc.kernel.memory.MapRequest;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.task.Task;

/** System V shared memory (shmget(2), shmop(2), shmctl(2)). */
final class SharedMemoryCalls {
    private static final int EXECUTE = 0111;

    private SharedMemoryCalls() {}

    static long shmget(Task task, Args args) throws ErrnoException {
        return segments(task)
                .get(IpcStructs.caller(task), args.integer(0), args.size(1), args.integer(2));
    }

    private static SharedSegments segments(Task task) {
        return IpcStructs.namespace(task).segments();
    }

    /** shmat(2); Linux {@code do_shmat}. */
    static long shmat(Task task, Args args) throws ErrnoException {
        int id = IpcStructs.requireId(args.integer(0));
        int flags = args.integer(2);
        long address = attachAddress(args.address(1), flags);
        boolean readOnly = (flags & SHM_RDONLY) != 0;
        boolean executes = (flags & SHM_EXEC) != 0;
        int wanted = IpcObject.READ | (readOnly ? 0 : IpcObject.WRITE) | (executes ? EXECUTE : 0);
        int protection =
                MmapFlags.PROT_READ
                        | (readOnly ? 0 : MmapFlags.PROT_WRITE)
                        | (executes ? MmapFlags.PROT_EXEC : 0);
        int placing =
                address == 0
                        ? 0
                        : (flags & SHM_REMAP) != 0
                                ? MmapFlags.MAP_FIXED
                                : MmapFlags.MAP_FIXED_NOREPLACE;
        IpcCaller caller = IpcStructs.caller(task);
        SegmentAttachment attachment = segments(task).beginAttach(caller, id, wanted);
        boolean mapped = false;
        try {
            long at =
                    task.memory()
                            .map(
                                    MapRequest.file(
                                                    address,
                                                    attachment.sizeBytes(),
                                                    protection,
                                                    MmapFlags.MAP_SHARED | placing,
                                                    attachment,
                                                    0)
                                            .withMaxProtection(
                                                    readOnly
                                                            ? MmapFlags.PROT_READ
                                                                    | MmapFlags.PROT_EXEC
                                                            : MapRequest.ALL_PROTECTION));
            mapped = true;
            return at;
        } catch (ErrnoException failed) {
            throw failed.is(Errno.EEXIST) ? Errno.EINVAL.error() : failed;
        } finally {
            segments(task).endAttach(caller, id, mapped);
        }
    }

    /** Where to attach, 0 for anywhere. */
    private static long attachAddress(long given, int flags) throws ErrnoException {
        long address = given;
        if (address != 0 && !Addresses.isAligned(address)) {
            if ((flags & SHM_RND) == 0) {
                throw Errno.EINVAL.error();
            }
            address = Addresses.pageDown(address);
        }
        if (address == 0 && (flags & SHM_REMAP) != 0) {
            throw Errno.EINVAL.error();
        }
        return address;
    }

    static long shmdt(Task task, Args args) throws ErrnoException {
        Mappable attachment = task.memory().detach(args.address(0));
        segments(task).noteDetach(IpcStructs.caller(task), (int) attachment.inodeNumber());
        return 0;
    }

    static long shmctl(Task task, Args args) throws ErrnoException {
        int id = IpcStructs.requireId(args.integer(0));
        long address = args.address(2);
        IpcCaller caller = IpcStructs.caller(task);
        SharedSegments segments = segments(task);
        int command = args.integer(1) & ~IpcStructs.MODERN;
        switch (command) {
            case IPC_INFO -> {
                IpcStructs.write(
                        task, address, IpcStructs.shmInfo(IpcStructs.namespace(task).limits()));
                return segments.summary().highestSlot();
            }
            case SHM_INFO -> {
                SharedSegments.Summary summary = segments.summary();
                IpcStructs.write(task, address, IpcStructs.shmInfo(summary));
                return summary.highestSlot();
            }
            case IPC_STAT ->
                    IpcStructs.write(task, address, IpcStructs.of(segments.stat(caller, id)));
            case SHM_STAT, SHM_STAT_ANY -> {
                SharedSegments.View view = segments.statSlot(caller, id, command == SHM_STAT_ANY);
                IpcStructs.write(task, address, IpcStructs.of(view));
                return view.owner().id();
            }
            case IPC_SET -> {
                IpcStructs.Change change =
                        IpcStructs.readChange(task, address, IpcStructs.SHARED_MEMORY_BYTES);
                segments.set(caller, id, change.uid(), change.gid(), change.mode());
            }
            case IPC_RMID -> segments.remove(caller, id);
            case SHM_LOCK, SHM_UNLOCK ->
                    segments.setLocked(
                            caller,
                            id,
                            command == SHM_LOCK,
                            task.group().limits().soft(RLimits.RLIMIT_MEMLOCK) != 0);
            default -> throw Errno.EINVAL.error();
        }
        return 0;
    }
}
