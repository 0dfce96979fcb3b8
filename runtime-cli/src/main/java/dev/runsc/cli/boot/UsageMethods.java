package dev.runsc.cli.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.boot.ControlObjects.ControlObject;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.control.UsageFigures;
import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.kernel.KernelException;
import dev.runsc.kernel.MemoryUsage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code Usage}: the sandbox's memory by kind, once, or through shared memory. The latter is kept
 * up to date while somebody's connection is open that has asked for it; an idle sandbox is not
 * woken. Clients get it for reading alone, and not the memory file, which holds the guests' memory.
 */
final class UsageMethods implements ControlObject {
    private static final int REFRESH_MILLIS = 500;

    private final Loader loader;

    /** Connections that look at the shared memory. */
    @GuardedBy("this")
    private final Set<Connection> watchers = new HashSet<>();

    /** Made for the first who asks. */
    @GuardedBy("this")
    private @Nullable HostFd shared;

    @GuardedBy("this")
    private boolean isRefreshed;

    UsageMethods(Loader loader) {
        this.loader = loader;
    }

    @Override
    public Reply handle(String method, ObjectRequest request, Connection connection)
            throws ControlFault, KernelException {
        return switch (method) {
            case Methods.USAGE -> SandboxUsage.collect(loader.anyKernel().memoryUsage());
            case Methods.USAGE_FD -> share(connection);
            case Methods.USAGE_REDUCE -> reduce();
            case Methods.USAGE_FILE_IO -> SandboxUsage.fileReads(loader.anyKernel().fileReads());
            default -> throw ControlObjects.unknown(method);
        };
    }

    /** The guests' memory, and this process's own: the collector gives back what it empties. */
    private Reply reduce() throws ControlFault, KernelException {
        loader.anyKernel().reduce();
        System.gc();
        return Reply.EMPTY;
    }

    private Reply share(Connection connection) throws ControlFault, KernelException {
        MemoryUsage usage = loader.anyKernel().memoryUsage();
        synchronized (this) {
            HostFd reading;
            try {
                if (shared == null) {
                    shared = newMemory();
                }
                HostFd memory = shared;
                figures(usage).write(memory);
                reading = HostTree.open("/proc/self/fd/" + memory.number(), OpenFlags.O_RDONLY, 0);
            } catch (ErrnoException e) {
                throw new ControlFault(Code.INTERNAL, "shared memory: " + e.getMessage(), e);
            }
            watchers.add(connection);
            connection.onEnd(() -> leave(connection));
            if (!isRefreshed) {
                isRefreshed = true;
                Thread.ofPlatform().daemon().name("usage").start(this::refresh);
            }
            return new Reply("{}", List.of(reading));
        }
    }

    /** Its size is for ever, so that who has mapped it meets no end. */
    private static HostFd newMemory() throws ErrnoException {
        HostFd memory =
                HostFiles.memfdCreate(
                        "usage", DescriptorFlags.MFD_CLOEXEC | DescriptorFlags.MFD_ALLOW_SEALING);
        HostFiles.ftruncate(memory.number(), UsageFigures.BYTES);
        HostFiles.fcntl(
                memory.number(),
                FcntlCommands.F_ADD_SEALS,
                FcntlCommands.F_SEAL_GROW | FcntlCommands.F_SEAL_SHRINK);
        return memory;
    }

    private static UsageFigures figures(MemoryUsage usage) {
        return new UsageFigures(usage.mapped(), usage.anonymous() + usage.tmpfs());
    }

    private synchronized void leave(Connection connection) {
        watchers.remove(connection);
        notifyAll();
    }

    /** Until nobody looks any more. */
    private void refresh() {
        try {
            while (isWatchedLater()) {
                MemoryUsage usage = loader.anyKernel().memoryUsage();
                synchronized (this) {
                    if (shared != null) {
                        figures(usage).write(shared);
                    }
                }
            }
        } catch (ControlFault | KernelException | ErrnoException e) {
            // A sandbox that ends, or is being restored, has no kernel to ask.
            DebugLog.write("usage is no longer shared: " + Failure.reason(e));
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void stop() {
        isRefreshed = false;
    }

    /** Waits for the time of the next look; false when there is to be none. */
    private synchronized boolean isWatchedLater() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(REFRESH_MILLIS);
        long left = REFRESH_MILLIS;
        while (!watchers.isEmpty() && left > 0) {
            wait(left);
            left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        }
        isRefreshed = !watchers.isEmpty();
        return isRefreshed;
    }
}
