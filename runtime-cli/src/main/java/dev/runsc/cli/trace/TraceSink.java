package dev.runsc.cli.trace;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostSockets;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes lines to a descriptor on a thread of its own. Whoever has a line to tell never waits: a
 * reader that is too slow, or gone, loses lines.
 */
final class TraceSink {
    private static final int QUEUE_LINES = 8192;
    private static final int DRAIN_MILLIS = 2_000;
    private static final byte[] END = new byte[0];

    private final TraceConfig.SinkKind kind;
    private final @Nullable HostFd file;
    private final ArrayBlockingQueue<byte[]> queue = new ArrayBlockingQueue<>(QUEUE_LINES);
    private final AtomicLong dropped = new AtomicLong();
    private final Thread writer;
    private volatile boolean failed;

    /**
     * @param file belongs to this from now on; null for a sink that keeps nothing
     */
    TraceSink(TraceConfig.SinkKind kind, @Nullable HostFd file) {
        this.kind = kind;
        this.file = file;
        this.writer = Thread.ofPlatform().daemon().name("trace sink").unstarted(this::write);
    }

    void start() {
        writer.start();
    }

    TraceConfig.SinkKind kind() {
        return kind;
    }

    /** How many lines nobody will ever see. */
    long dropped() {
        return dropped.get();
    }

    /** Takes a line, which ends with a newline. */
    void offer(byte[] line) {
        if (failed || !queue.offer(line)) {
            dropped.incrementAndGet();
        }
    }

    /** Writes what there is, if the reader takes it soon, and ends. */
    void close() {
        try {
            boolean told = queue.offer(END, DRAIN_MILLIS, TimeUnit.MILLISECONDS);
            if (told) {
                writer.join(DRAIN_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (writer.isAlive()) {
            failed = true;
            writer.interrupt();
            HostFd stuck = file;
            if (stuck != null && kind == TraceConfig.SinkKind.REMOTE) {
                shutDown(stuck);
            }
        }
    }

    /** Ends a write that waits for a reader. */
    private static void shutDown(HostFd socket) {
        try {
            HostSockets.shutdown(socket.number(), SocketConstants.SHUT_RDWR);
        } catch (ErrnoException e) {
            DebugLog.write("trace sink: " + e.getMessage());
        }
    }

    private void write() {
        try (HostFd out = file) {
            while (true) {
                byte[] line = queue.take();
                if (line.length == 0) {
                    return;
                }
                if (out != null) {
                    HostFiles.writeFully(
                            out.number(), ByteBuffer.allocateDirect(line.length).put(line).flip());
                }
            }
        } catch (ErrnoException e) {
            failed = true;
            dropped.addAndGet(1L + queue.size());
            queue.clear();
            DebugLog.write("trace sink: " + e.getMessage());
        } catch (InterruptedException e) {
            dropped.addAndGet(queue.size());
        }
    }
}
