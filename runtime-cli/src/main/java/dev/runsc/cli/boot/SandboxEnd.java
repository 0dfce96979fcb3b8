package dev.runsc.cli.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.control.ControlServer;
import dev.runsc.cli.launch.JvmCommand;
import dev.runsc.kernel.Kernel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The end of this process: once, in order, and in time. */
final class SandboxEnd {
    private static final int LIMIT_MILLIS = 10_000;

    private final CountDownLatch kernelClosed = new CountDownLatch(1);
    private volatile @Nullable ControlServer server;

    @GuardedBy("this")
    private boolean begun;

    /** Whose answers are to be given before. */
    void afterAnswersOf(ControlServer controlServer) {
        server = controlServer;
    }

    synchronized boolean hasBegun() {
        return begun;
    }

    /**
     * Ends this process soon, once the answers under way are given: who is told of the end may kill
     * us. The first call counts.
     *
     * @param tell tells those who wait for the end
     */
    void begin(int code, @Nullable Kernel kernel, Runnable tell) {
        boolean first;
        synchronized (this) {
            first = !begun;
            begun = true;
        }
        if (!first) {
            tell.run();
            return;
        }
        Thread.ofPlatform().name("exit").start(() -> end(code, kernel, tell));
        Thread.ofPlatform().daemon().name("exit limit").start(() -> endAtLast(code));
    }

    private void end(int code, @Nullable Kernel kernel, Runnable tell) {
        ControlServer answering = server;
        try {
            if (answering != null) {
                answering.awaitPromptAnswers();
            }
            tell.run();
            if (kernel != null) {
                kernel.close();
            }
            kernelClosed.countDown();
            if (answering != null) {
                answering.awaitAnswers();
            }
        } finally {
            JvmCommand.end(code);
        }
    }

    /** A kernel that does not stop must not keep the process: its guests go with it. */
    private void endAtLast(int code) {
        try {
            if (!kernelClosed.await(LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                    && !JvmCommand.isTraining()) {
                DebugLog.write("the kernel did not stop in time");
                Runtime.getRuntime().halt(code);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Keeps the main thread, for ever: only the end ends the process, once all is told. */
    static void park() throws InterruptedException {
        new CountDownLatch(1).await();
    }
}
