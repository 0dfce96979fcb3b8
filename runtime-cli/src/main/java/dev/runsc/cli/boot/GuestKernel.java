package dev.runsc.cli.boot;

import dev.runsc.kernel.ContainerSpec;
import dev.runsc.kernel.ProcessSpec;
import java.io.OutputStream;
import java.util.List;

/**
 * What a sandbox asks of the kernel it runs. Failures that a user can cause are {@link
 * KernelFailure}s with a message for that user.
 */
public interface GuestKernel {
    /** Whom a signal is for. */
    enum SignalTarget {
        PROCESS,
        ALL,
        GROUP,
        FOREGROUND
    }

    /** A process of a container, as {@code ps} shows it. */
    record GuestProcess(
            int uid,
            int pid,
            int ppid,
            int pgid,
            int threads,
            int cpuPercent,
            String tty,
            long startTimeSeconds,
            long cpuTimeMillis,
            String command,
            List<String> args) {}

    /** A request that the kernel could not fulfil. */
    final class KernelFailure extends Exception {
        private static final long serialVersionUID = 1L;

        public KernelFailure(String message, Throwable cause) {
            super(message, cause);
        }

        @Override
        public String getMessage() {
            String message = super.getMessage();
            return message == null ? "kernel failure" : message;
        }
    }

    void createContainer(ContainerSpec spec) throws KernelFailure;

    void startContainer(String id) throws KernelFailure;

    int exec(String id, ProcessSpec spec) throws KernelFailure;

    /** Waits for the end of a container's first process; its status as in wait(2). */
    int waitContainer(String id) throws InterruptedException, KernelFailure;

    int waitProcess(String id, int pid) throws InterruptedException, KernelFailure;

    /** Sends a signal; {@code pid} 0 is the first process. */
    void signal(String id, int pid, int signal, SignalTarget target) throws KernelFailure;

    /** The host's terminals may have other sizes now. */
    void consolesResized();

    List<GuestProcess> processes(String id) throws KernelFailure;

    /** Stops every task at its next safe point, and guest time with it. Counted. */
    void pause();

    /** Returns once the kernel has paused by itself. */
    void awaitPauseAtCall() throws InterruptedException;

    void resume();

    /** Writes the object graph; the kernel must be paused. */
    void save(OutputStream graph) throws KernelFailure;

    /** Offset and length, alternating, of what the memory file holds for the guest. */
    long[] memoryRanges() throws KernelFailure;

    List<String> containerNames();

    /** Ends every guest process and gives everything back. */
    void close();
}
