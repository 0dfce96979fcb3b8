package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.Iovec;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.task.PtraceAccess;
import dev.runsc.kernel.task.Task;
import java.util.List;

/** Copying between processes: process_vm_readv(2), process_vm_writev(2). */
final class ProcessMemory {
    /** Bytes copied at once; a list may name far more. */
    private static final int PIECE_BYTES = 1 << 16;

    private ProcessMemory() {}

    /** Walks along a list, and says how much of the current element is left. */
    private static final class Cursor {
        private final List<Iovec> list;
        private int index;
        private long done;

        Cursor(List<Iovec> list) {
            this.list = list;
            settle();
        }

        private void settle() {
            while (index < list.size() && done == list.get(index).length()) {
                index++;
                done = 0;
            }
        }

        long left() {
            return index == list.size() ? 0 : list.get(index).length() - done;
        }

        long address() {
            return list.get(index).address() + done;
        }

        void skip(long bytes) {
            done += bytes;
            settle();
        }
    }

    static long process_vm_readv(Task task, Args args) throws ErrnoException {
        return transfer(task, args, false);
    }

    static long process_vm_writev(Task task, Args args) throws ErrnoException {
        return transfer(task, args, true);
    }

    private static long transfer(Task task, Args args, boolean write) throws ErrnoException {
        if (args.longValue(5) != 0) {
            throw Errno.EINVAL.error();
        }
        Cursor local = new Cursor(list(task, args.address(1), args.longValue(2)));
        Cursor remote = new Cursor(list(task, args.address(3), args.longValue(4)));
        if (local.left() == 0 || remote.left() == 0) {
            return 0;
        }
        MemoryManager there = memory(task, args.integer(0));
        MemoryManager from = write ? task.memory() : there;
        MemoryManager to = write ? there : task.memory();
        long done = 0;
        while (local.left() > 0 && remote.left() > 0) {
            // Not beyond a page of the other side, which is what Linux copies at once.
            long inPage = PIECE_BYTES - (remote.address() & PIECE_BYTES - 1);
            int length = (int) Math.min(inPage, Math.min(local.left(), remote.left()));
            int copied =
                    copy(
                            from,
                            write ? local.address() : remote.address(),
                            to,
                            write ? remote.address() : local.address(),
                            length);
            done += copied;
            if (copied < length) {
                break;
            }
            local.skip(length);
            remote.skip(length);
        }
        if (done == 0) {
            throw Errno.EFAULT.error();
        }
        return done;
    }

    /** As much as can be copied, in pages from a fault on. */
    private static int copy(MemoryManager from, long source, MemoryManager to, long target, int n) {
        try {
            byte[] piece = new byte[n];
            from.copyIn(source, piece);
            to.copyOut(target, piece);
            return n;
        } catch (ErrnoException fault) {
            return n <= 4096 ? 0 : copyPages(from, source, to, target, n);
        }
    }

    private static int copyPages(
            MemoryManager from, long source, MemoryManager to, long target, int n) {
        int done = 0;
        while (done < n) {
            int piece = Math.min(n - done, 4096 - (int) (source + done & 4095));
            if (copy(from, source + done, to, target + done, piece) < piece) {
                break;
            }
            done += piece;
        }
        return done;
    }

    private static List<Iovec> list(Task task, long address, long count) throws ErrnoException {
        List<Iovec> list = task.memory().readIovecs(address, count);
        for (Iovec part : list) {
            if (part.length() < 0) {
                throw Errno.EINVAL.error();
            }
        }
        return list;
    }

    private static MemoryManager memory(Task task, int pid) throws ErrnoException {
        if (pid <= 0) {
            throw Errno.ESRCH.error();
        }
        Task target = Processes.requireTask(task, pid);
        MemoryManager memory = target.findMemory();
        if (memory == null) {
            throw Errno.ESRCH.error();
        }
        if (!PtraceAccess.allowsReal(task, target)) {
            throw Errno.EPERM.error();
        }
        return memory;
    }
}
