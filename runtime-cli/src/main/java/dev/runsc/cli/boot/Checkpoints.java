package dev.runsc.cli.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.wire.FdOutput;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.KernelException;
import dev.runsc.kernel.task.CheckpointRequests.Outcome;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints of the sandbox: one at a time, from the stop of the kernel to the word that ends it.
 */
final class Checkpoints {
    private static final int PIECE_BYTES = 1 << 20;

    private final Loader loader;

    /** The kernel that is stopped for the one that is going on. */
    @GuardedBy("this")
    private @Nullable Kernel stopped;

    /** How many have come to an end, one way or the other. */
    @GuardedBy("this")
    private long ended;

    @GuardedBy("this")
    private boolean lastFailed;

    Checkpoints(Loader loader) {
        this.loader = loader;
    }

    /**
     * What a checkpoint takes.
     *
     * @param memory the memory file, as a copy
     */
    record Checkpointable(Kernel kernel, HostFd memory) {}

    /**
     * What a checkpoint hands out.
     *
     * @param memory the memory file, as a copy
     * @param containers the names of the containers in the image
     */
    record Saved(HostFd memory, List<String> containers) {}

    /**
     * Stops the kernel and writes its graph and the list of its memory. The kernel stays stopped
     * until {@link #end}.
     *
     * @param graph takes the object graph
     * @param ranges takes offset and length of each piece of memory, as two longs
     */
    Saved begin(HostFd graph, HostFd ranges, Stages stages) throws ControlFault {
        Checkpointable what = stop();
        Kernel kernel = what.kernel();
        boolean good = false;
        try {
            stages.end("pause");
            write(kernel, graph, ranges, stages);
            good = true;
            return new Saved(what.memory(), kernel.containerNames());
        } finally {
            if (!good) {
                what.memory().close();
                end();
            }
        }
    }

    /**
     * Saves all into two files. Once both are durable the sandbox ends or goes on; when that fails
     * it goes on.
     *
     * @param graph takes the object graph
     * @param image takes the memory, each byte where the memory file has it
     */
    void saveInto(HostFd graph, HostFd image, boolean resume) throws ControlFault {
        Checkpointable what = stop();
        boolean good = false;
        try (HostFd memory = what.memory()) {
            try (FdOutput out = new FdOutput(graph)) {
                DebugLog.write("graph saved: " + what.kernel().save(out));
            }
            copy(memory, image, what.kernel().memoryRanges());
            HostFiles.fsync(graph.number());
            HostFiles.fsync(image.number());
            good = true;
        } catch (KernelException | IOException | ErrnoException e) {
            throw new ControlFault(Code.KERNEL, "saving: " + e.getMessage(), e);
        } finally {
            end(good && !resume, !good);
        }
    }

    private static void copy(HostFd memory, HostFd image, long[] ranges) throws ErrnoException {
        HostFiles.ftruncate(image.number(), HostFiles.fstat(memory.number()).size());
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        for (int i = 0; i < ranges.length; i += 2) {
            long at = ranges[i];
            long end = at + ranges[i + 1];
            while (at < end) {
                piece.clear().limit((int) Math.min(PIECE_BYTES, end - at));
                if (HostFiles.pread(memory.number(), piece, at) == 0) {
                    break;
                }
                piece.flip();
                while (piece.hasRemaining()) {
                    at += HostFiles.pwrite(image.number(), piece, at);
                }
            }
        }
    }

    /** Stops the kernel for a save; {@link #end} follows, whatever happens. */
    private Checkpointable stop() throws ControlFault {
        Checkpointable what;
        synchronized (this) {
            if (stopped != null) {
                throw new ControlFault(Code.BUSY, "another checkpoint is going on");
            }
            what = loader.checkpointable();
            stopped = what.kernel();
        }
        what.kernel().pause();
        return what;
    }

    private static void write(Kernel kernel, HostFd graph, HostFd ranges, Stages stages)
            throws ControlFault {
        try {
            try (FdOutput out = new FdOutput(graph)) {
                DebugLog.write("graph saved: " + kernel.save(out));
            }
            stages.end("graph");
            try (DataOutputStream out = new DataOutputStream(new FdOutput(ranges))) {
                for (long number : kernel.memoryRanges()) {
                    out.writeLong(number);
                }
            }
            stages.end("page list");
        } catch (KernelException | IOException e) {
            throw new ControlFault(Code.KERNEL, "saving: " + e.getMessage(), e);
        }
    }

    /** Waits for the end of the next checkpoint. */
    synchronized void awaitNext() throws ControlFault, InterruptedException {
        long wanted = ended + 1;
        while (ended < wanted) {
            wait();
        }
        if (lastFailed) {
            throw new ControlFault(Code.KERNEL, "the checkpoint failed");
        }
    }

    private synchronized void tell(boolean failed) {
        ended++;
        lastFailed = failed;
        notifyAll();
    }

    /** All of the checkpoint is durable: ends the sandbox, or lets it go on. */
    void complete(boolean exit) {
        end(exit, false);
    }

    /** Ends a checkpoint that has failed; the sandbox goes on. */
    void end() {
        end(false, true);
    }

    /** Does nothing without a checkpoint. */
    private void end(boolean exit, boolean failed) {
        Kernel kernel;
        synchronized (this) {
            kernel = stopped;
            stopped = null;
        }
        if (kernel == null) {
            return;
        }
        tell(failed);
        kernel.checkpoints().ended(failed ? Outcome.FAILED : Outcome.RESUMED);
        if (exit) {
            loader.endCheckpointed();
        } else {
            kernel.resume();
        }
    }
}
