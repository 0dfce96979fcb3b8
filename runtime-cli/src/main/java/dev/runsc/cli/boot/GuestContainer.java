package dev.runsc.cli.boot;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.KernelException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One container of the sandbox, as commands see it. Guarded by the loader's monitor, but for the
 * end, which anybody may wait for.
 *
 * <pre>
 *   CREATING -> CREATED -> RUNNING -> STOPPED
 * </pre>
 */
final class GuestContainer {
    enum Phase {
        /** Waits to be restored. */
        CREATING,
        CREATED,
        RUNNING,
        STOPPED
    }

    private final String id;
    private final CompletableFuture<Integer> end = new CompletableFuture<>();
    private final CompletableFuture<Boolean> resumed = new CompletableFuture<>();

    /** Our copies of what its first process gets, until it runs. */
    private final Map<Integer, HostFd> descriptors;

    Phase phase = Phase.CREATING;

    /** Whether the image that the kernel comes from has it: it then runs when all of those do. */
    boolean fromImage;

    /** Whether an image had files for it; they were there before it was. */
    boolean hasSavedFiles;

    /** Runs in it once the image does that it comes from. */
    @Nullable HookProcess afterRestore;

    /** Ends when the gofer does. */
    @Nullable HostFd goferLife;

    GuestContainer(String id, Map<Integer, HostFd> descriptors) {
        this.id = id;
        this.descriptors = descriptors;
    }

    String id() {
        return id;
    }

    Map<Integer, HostFd> descriptors() {
        return descriptors;
    }

    /** Its wait status, once it is over. */
    CompletableFuture<Integer> end() {
        return end;
    }

    /** True once it runs again after a restore, false when that never came. */
    CompletableFuture<Boolean> resumed() {
        return resumed;
    }

    /** Waits until it is known whether it runs again. */
    boolean awaitResumed() throws InterruptedException {
        try {
            return resumed.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // it is only ever completed by a value
        }
    }

    /** How it is called for those outside. */
    String state(boolean paused) {
        return switch (phase) {
            case CREATING -> "creating";
            case CREATED -> "created";
            case RUNNING -> paused ? "paused" : "running";
            case STOPPED -> "stopped";
        };
    }

    boolean isStopped() {
        return phase == Phase.STOPPED;
    }

    /** What is left of it in the kernel goes. */
    void forgetIn(Kernel kernel) {
        try {
            kernel.destroyContainer(id);
        } catch (KernelException e) {
            DebugLog.write("destroying " + id + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a shell would call the exit code: the program's own, or 128 and the signal. */
    static int exitCode(int waitStatus) {
        int signal = waitStatus & 0x7f;
        return signal == 0 ? waitStatus >> 8 & 0xff : 128 + signal;
    }

    /** Ours would keep pipes open that the guest has closed. */
    void closeDescriptors() {
        descriptors.values().forEach(HostFd::close);
        descriptors.clear();
    }
}
