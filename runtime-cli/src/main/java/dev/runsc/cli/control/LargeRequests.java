package dev.runsc.cli.control;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.abi.Timeval;
import dev.runsc.gofer.host.HostSockets;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;

/**
 * Requests of more than a few kilobytes come one after the other: with all their copies they take
 * some ten times their size, and a hundred clients may send one at once.
 */
final class LargeRequests {
    /** A client that has begun and then says nothing for so long is dropped: others wait. */
    private static final int SILENCE_SECONDS = 10;

    private final Semaphore turn = new Semaphore(1, true);

    /** Waits for its turn, and no longer without limit for the rest of its own. */
    void begin(int socket) throws ErrnoException {
        turn.acquireUninterruptibly();
        boolean good = false;
        try {
            limit(socket, SILENCE_SECONDS);
            good = true;
        } finally {
            if (!good) {
                turn.release();
            }
        }
    }

    void end(int socket) {
        try {
            limit(socket, 0);
        } catch (ErrnoException e) {
            DebugLog.write("control: SO_RCVTIMEO: " + e.getMessage());
        } finally {
            turn.release();
        }
    }

    /** 0 for no limit (socket(7), SO_RCVTIMEO). */
    private static void limit(int socket, int seconds) throws ErrnoException {
        ByteBuffer time = ByteBuffer.allocate(Timeval.BYTES);
        new Timeval(seconds, 0).writeTo(time);
        HostSockets.setsockopt(
                socket, SocketConstants.SOL_SOCKET, SocketConstants.SO_RCVTIMEO, time.array());
    }
}
