package dev.runsc.cli.base;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.Termios;
import dev.runsc.gofer.host.HostFiles;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells on a terminal how far a step is: a line on standard error, which is gone when the step has
 * ended. Nothing is told where standard error is no terminal, nor of a step that is over within a
 * second. What it tells of is only read now and then.
 */
public final class ProgressLine implements AutoCloseable {
    private static final long QUIET_MILLIS = 1000;
    private static final long EACH_MILLIS = 200;

    private static final int STANDARD_ERROR = 2;

    /** To the beginning of the line, and nothing behind (ECMA-48 EL). */
    private static final String CLEAR = "\r\033[K";

    private static final int MIB_SHIFT = 20;

    private final String step;
    private final long totalBytes;
    private final LongSupplier doneBytes;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final @Nullable Thread teller;

    private ProgressLine(String step, long totalBytes, LongSupplier doneBytes, boolean onTerminal) {
        this.step = step;
        this.totalBytes = totalBytes;
        this.doneBytes = doneBytes;
        teller =
                onTerminal
                        ? Thread.ofPlatform().daemon().name("progress").unstarted(this::tell)
                        : null;
    }

    /** A step that cannot say how far it is. */
    public static ProgressLine begin(String step) {
        return begin(step, 0, () -> 0);
    }

    /**
     * A step begins that closing ends.
     *
     * @param step what is done; short enough for a line
     * @param doneBytes how far it is; any thread asks
     */
    public static ProgressLine begin(String step, long totalBytes, LongSupplier doneBytes) {
        ProgressLine line =
                new ProgressLine(step, totalBytes, doneBytes, isTerminal(STANDARD_ERROR));
        if (line.teller != null) {
            line.teller.start();
        }
        return line;
    }

    /** Whether a descriptor is a terminal; System.console() would load the JDK's line editor. */
    public static boolean isTerminal(int fd) {
        try {
            HostFiles.ioctl(fd, Ioctls.TCGETS, new byte[Termios.BYTES]);
            return true;
        } catch (ErrnoException e) {
            // ENOTTY is the answer for everything else.
            return false;
        }
    }

    private void tell() {
        try {
            boolean told = false;
            for (long wait = QUIET_MILLIS;
                    !ended.await(wait, TimeUnit.MILLISECONDS);
                    wait = EACH_MILLIS) {
                show(CLEAR + text());
                told = true;
            }
            if (told) {
                show(CLEAR);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void show(String text) {
        System.err.print(text);
        System.err.flush();
    }

    private String text() {
        if (totalBytes == 0) {
            return step;
        }
        long done = Math.min(totalBytes, doneBytes.getAsLong());
        return step
                + ": "
                + (done >> MIB_SHIFT)
                + " of "
                + (totalBytes >> MIB_SHIFT)
                + " MiB ("
                + done * 100 / totalBytes
                + " %)";
    }

    @Override
    public void close() {
        ended.countDown();
        if (teller != null) {
            try {
                teller.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
