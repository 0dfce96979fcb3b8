package dev.runsc.gofer.host;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.OpenFlags;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * The signals that this process gets from the host. The JDK's class for them is no official one, so
 * that it had to be called by reflection, which takes a start 15 ms to set up.
 */
public final class HostSignals {
    private HostSignals() {}

    /**
     * Lets a handler have signals from now on, one after the other, in a thread of its own.
     *
     * @param numbers signal(7)
     * @throws ErrnoException EINVAL for one that cannot be caught; ENOSYS when runsc was built
     *     without a C compiler: signals then do to us what they do to any program
     */
    public static void handle(List<Integer> numbers, IntConsumer handler) throws ErrnoException {
        if (!JniLibc.AVAILABLE) {
            throw Errno.ENOSYS.error();
        }
        HostFd[] pipe = HostFiles.pipe2(OpenFlags.O_CLOEXEC);
        int told = pipe[1].release(); // open as long as there are signals
        HostFiles.fcntl(told, FcntlCommands.F_SETFL, OpenFlags.O_NONBLOCK);
        for (int number : numbers) {
            Syscall.check(JniLibc.watchSignal(number, told));
        }
        Thread.ofPlatform().daemon().name("signals").start(() -> serve(pipe[0], handler));
    }

    private static void serve(HostFd arrived, IntConsumer handler) {
        ByteBuffer one = ByteBuffer.allocateDirect(1);
        try {
            while (HostFiles.read(arrived.number(), one.clear()) == 1) {
                handler.accept(one.get(0));
            }
        } catch (ErrnoException e) {
            throw new AssertionError("reading from our own pipe does not fail", e);
        }
    }
}
