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
import dev.runsc.kernel.task.CheckpointRequests;
import dev.runsc.kernel.task.CheckpointRequests.Outcome;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints of the sandbox, and of file systems of it: one at a time, from the stop of the kernel
 * to the word that ends it.
 */
final class Checkpoints {
    private static final int PIECE_BYTES = 1 << 20;

    private final Loader loader;

    /** The kernel that is stopped for the one that is going on. */
    @GuardedBy("this")
    private @Nullable Kernel stopped;

    /** What is being saved of it. */
    @GuardedBy("this")
    private Wanted current = Wanted.SANDBOX;

    @GuardedBy("this")
    private final Ends ofSandbox = new Ends();

    @GuardedBy("this")
    private final Ends ofFiles = new Ends();

    /** The ends of checkpoints of one kind. */
    private static final class Ends {
        /** How many have come to an end, one way or the other. */
        private long count;

        private boolean lastFailed;
    }

    /**
     * What is to be saved.
     *
     * @param paths file systems alone, as the kernel takes them; null for all of the sandbox
     */
    record Wanted(@Nullable List<String> paths) {
        static final Wanted SANDBOX = new Wanted(null);

        boolean isOfFiles() {
            return paths != null;
        }

        /**
         * Writes the objects; returns where the memory is that they are about.
         *
         * @param graph takes the object graph, or the records of the file systems
         */
        private long[] write(Kernel kernel, HostFd graph, Stages stages)
                throws KernelException, IOException {
            try (FdOutput out = new FdOutput(graph)) {
                if (paths != null) {
                    return kernel.saveFiles(paths, out);
                }
                DebugLog.write("graph saved: " + kernel.save(out));
            } finally {
                stages.end("graph");
            }
            return kernel.memoryRanges();
        }

        private CheckpointRequests requests(Kernel kernel) {
            return isOfFiles() ? kernel.fileSaves() : kernel.checkpoints();
        }
    }

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
     * @param graph takes the object graph, or the records of file systems
     * @param ranges takes offset and length of each piece of memory, as two longs
     */
    Saved begin(Wanted wanted, HostFd graph, HostFd ranges, Stages stages) throws ControlFault {
        Checkpointable what = stop(wanted);
        Kernel kernel = what.kernel();
        boolean good = false;
        try {
            stages.end("pause");
            write(wanted, kernel, graph, ranges, stages);
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
     * @param graph takes the object graph, or the records of file systems
     * @param image takes the memory, each byte where the memory file has it
     */
    void saveInto(Wanted wanted, HostFd graph, HostFd image, boolean resume) throws ControlFault {
        Checkpointable what = stop(wanted);
        boolean good = false;
        try (HostFd memory = what.memory()) {
            copy(memory, image, wanted.write(what.kernel(), graph, new Stages()));
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
    private Checkpointable stop(Wanted wanted) throws ControlFault {
        Checkpointable what;
        synchronized (this) {
            if (stopped != null) {
                throw new ControlFault(Code.BUSY, "another checkpoint is going on");
            }
            what = loader.checkpointable();
            stopped = what.kernel();
            current = wanted;
        }
        what.kernel().pause();
        return what;
    }

    private static void write(
            Wanted wanted, Kernel kernel, HostFd graph, HostFd ranges, Stages stages)
            throws ControlFault {
        try {
            long[] list = wanted.write(kernel, graph, stages);
            try (DataOutputStream out = new DataOutputStream(new FdOutput(ranges))) {
                for (long number : list) {
                    out.writeLong(number);
                }
            }
            stages.end("page list");
        } catch (KernelException | IOException e) {
            throw new ControlFault(Code.KERNEL, "saving: " + e.getMessage(), e);
        }
    }

    /**
     * Waits for the end of the next checkpoint.
     *
     * @param files whether of file systems
     */
    synchronized void awaitNext(boolean files) throws ControlFault, InterruptedException {
        Ends ends = files ? ofFiles : ofSandbox;
        long wanted = ends.count + 1;
        while (ends.count < wanted) {
            wait();
        }
        if (ends.lastFailed) {
            throw new ControlFault(Code.KERNEL, "the checkpoint failed");
        }
    }

    @GuardedBy("this")
    private void tell(Wanted what, boolean failed) {
        Ends ends = what.isOfFiles() ? ofFiles : ofSandbox;
        ends.count++;
        ends.lastFailed = failed;
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
        Wanted what;
        synchronized (this) {
            kernel = stopped;
            what = current;
            stopped = null;
            if (kernel == null) {
                return;
            }
            tell(what, failed);
        }
        what.requests(kernel).ended(failed ? Outcome.FAILED : Outcome.RESUMED);
        if (exit) {
            loader.endCheckpointed();
        } else {
            kernel.resume();
        }
    }
}
