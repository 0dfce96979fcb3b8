package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Msghdr;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.kernel.net.unix.UnixSocket;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.task.Task;

/** Many messages in one call (Linux net/socket.c, __sys_sendmmsg and do_recvmmsg). */
final class SocketBatches {
    /** UIO_MAXIOV: more is not sent at once. */
    private static final int MAX_SENT = 1024;

    /** struct mmsghdr: a msghdr, the bytes transferred, and padding. */
    private static final int ENTRY_BYTES = Msghdr.BYTES + 8;

    private static final int COUNT_SHIFT = 32;
    private static final long BYTES_MASK = (1L << COUNT_SHIFT) - 1;

    private SocketBatches() {}

    /** One message. */
    private interface Transfer {
        long run(long headAddress, int index) throws ErrnoException;

        /** Whether to go on after that many. */
        boolean goesOn(int count) throws ErrnoException;
    }

    static long sendmmsg(Task task, Args args) throws ErrnoException {
        UnixSocket socket = Sockets.require(task, args.integer(0));
        int limit = (int) Math.min(args.integer(2) & BYTES_MASK, MAX_SENT);
        int flags = args.integer(3);
        Transfer transfer =
                new Transfer() {
                    @Override
                    public long run(long headAddress, int index) throws ErrnoException {
                        return SocketMessages.send(task, socket, headAddress, flags);
                    }

                    @Override
                    public boolean goesOn(int count) {
                        return count < limit;
                    }
                };
        return all(task, args.address(1), transfer);
    }

    static long recvmmsg(Task task, Args args) throws ErrnoException {
        UnixSocket socket = Sockets.require(task, args.integer(0));
        long limit = args.integer(2) & BYTES_MASK;
        int flags = args.integer(3) & ~SocketConstants.MSG_WAITFORONE;
        boolean waitsForOne = (args.integer(3) & SocketConstants.MSG_WAITFORONE) != 0;
        long timeoutAddress = args.address(4);
        long timeout = Users.readTimeout(task, timeoutAddress);
        long deadline = Users.plus(task.taskSet().clock().monotonicNanos(), timeout);
        Transfer transfer =
                new Transfer() {
                    @Override
                    public long run(long headAddress, int index) throws ErrnoException {
                        int more = waitsForOne && index > 0 ? SocketConstants.MSG_DONTWAIT : 0;
                        return SocketMessages.receive(task, socket, headAddress, flags | more);
                    }

                    // As on Linux the time is looked at after a message only, not while waiting.
                    @Override
                    public boolean goesOn(int count) throws ErrnoException {
                        if (timeout == Interruptible.FOREVER || count == 0) {
                            return count < limit;
                        }
                        long left = deadline - task.taskSet().clock().monotonicNanos();
                        Users.write(task, timeoutAddress, Users.timespec(Math.max(0, left)));
                        return count < limit && left > 0;
                    }
                };
        return all(task, args.address(1), transfer);
    }

    /**
     * Transfers until an error, which is told only when it is the first. A call that is cut short
     * by a stop of the kernel goes on where it was: its progress is the messages done and the bytes
     * of the next.
     */
    private static long all(Task task, long vector, Transfer transfer) throws ErrnoException {
        int count = (int) (task.blocking().progress() >>> COUNT_SHIFT);
        task.blocking().setProgress(task.blocking().progress() & BYTES_MASK);
        while (transfer.goesOn(count)) {
            long head = vector + (long) count * ENTRY_BYTES;
            try {
                long bytes = transfer.run(head, count);
                task.blocking().setProgress(0);
                task.memory().writeInt(head + Msghdr.BYTES, (int) bytes);
                count++;
            } catch (InterruptedSyscall interrupted) {
                if (count > 0 && task.isSignalPending()) {
                    return count;
                }
                long bytes = task.blocking().progress();
                task.blocking().setProgress((long) count << COUNT_SHIFT | bytes);
                throw interrupted;
            } catch (ErrnoException failed) {
                if (count == 0) {
                    throw failed;
                }
                return count;
            }
        }
        return count;
    }
}
