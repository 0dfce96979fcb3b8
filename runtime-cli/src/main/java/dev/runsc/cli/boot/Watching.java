package dev.runsc.cli.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.trace.TraceSessions;
import dev.runsc.cli.wire.BootDocument;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.task.Watchdog;
import org.jspecify.annotations.Nullable;

/**
 * All that watches the kernel of this process, whichever it is: the log for the user, the watchdog,
 * trace sessions, and the trace of system calls. None of it is part of an image.
 */
final class Watching {
    private final @Nullable UserLog userLog;
    private final TraceSessions sessions = new TraceSessions();
    private final boolean watchdogPanics;
    private final int stuckMillis;

    @GuardedBy("this")
    private @Nullable Kernel kernel;

    @GuardedBy("this")
    private @Nullable Watchdog watchdog;

    @GuardedBy("this")
    private String trace;

    @GuardedBy("this")
    private int traceBytes;

    Watching(BootDocument document) {
        BootDocument.Watch watch = document.watch();
        this.userLog = watch.userLog() < 0 ? null : new UserLog(HostFd.own(watch.userLog()));
        this.watchdogPanics = watch.watchdogPanics();
        this.stuckMillis = watch.stuckMillis();
        this.trace = document.trace();
        this.traceBytes = watch.traceBytes();
    }

    TraceSessions sessions() {
        return sessions;
    }

    /** Watches a kernel in place of the one before. */
    synchronized void attach(Kernel changed) {
        if (watchdog != null) {
            watchdog.stop();
        }
        kernel = changed;
        watchdog = changed.diagnostics().watchdog(stuckMillis, this::stuck);
        watchdog.start();
        changed.diagnostics().trace(trace, traceBytes);
        if (userLog != null) {
            userLog.listenTo(changed);
        }
        sessions.attach(changed);
    }

    /**
     * Switches the trace of system calls.
     *
     * @param calls see KernelHost
     * @param bytes how much of a buffer is shown; negative to leave it as it is
     */
    synchronized void trace(String calls, int bytes) {
        trace = calls;
        traceBytes = bytes < 0 ? traceBytes : bytes;
        if (kernel != null) {
            kernel.diagnostics().trace(trace, traceBytes);
        }
    }

    /** A program did not start. */
    void loadFailed(String what) {
        if (userLog != null) {
            userLog.loadFailed(what);
        }
    }

    private void stuck(Watchdog.Stuck task) {
        String text = describe(task);
        DebugLog.write(text);
        SandboxMain.reportStuck(text);
        if (watchdogPanics) {
            throw new IllegalStateException("watchdog: " + text.lines().findFirst().orElse(""));
        }
    }

    static String describe(Watchdog.Stuck task) {
        StringBuilder text = new StringBuilder("task ");
        text.append(task.tid()).append(" (").append(task.name()).append(") is stuck in the kernel");
        text.append(" for ").append(task.seconds()).append(" s:");
        for (StackTraceElement frame : task.stack()) {
            text.append("\n\tat ").append(frame);
        }
        return text.toString();
    }
}
