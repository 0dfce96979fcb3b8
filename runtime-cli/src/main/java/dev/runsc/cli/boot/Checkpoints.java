package dev.runsc.cli.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.boot.HookProcess.Moment;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.image.PlainImageWriter;
import dev.runsc.cli.image.PlainImageWriter.Facts;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.FdOutput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.KernelException;
import dev.runsc.kernel.task.CheckpointRequests;
import dev.runsc.kernel.task.CheckpointRequests.Outcome;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints of the sandbox, and of file systems of it: one at a time, from the stop of the kernel
 * to the word that ends it.
 */
final class Checkpoints {
    private final Loader loader;

    /** The one that is going on. */
    @GuardedBy("this")
    private @Nullable Going going;

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
         * @param out takes the object graph, or the records of the file systems
         */
        private long[] write(Kernel kernel, OutputStream out) throws KernelException, IOException {
            if (paths != null) {
                return kernel.saveFiles(paths, out);
            }
            DebugLog.write("graph saved: " + kernel.save(out));
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

    /** A checkpoint from its beginning to the word that ends it. */
    private static final class Going {
        final Wanted wanted;
        final Kernel kernel;
        boolean stopped;
        @Nullable Around hook;

        Going(Wanted wanted, Kernel kernel) {
            this.wanted = wanted;
            this.kernel = kernel;
        }
    }

    /**
     * What runs around a checkpoint.
     *
     * @param container the id of the container that it runs in
     */
    record Around(HookProcess process, String container) {}

    /**
     * The same as a client has asked for it.
     *
     * @param json as images have it
     */
    record Program(Around hook, String json) {}

    /**
     * Stops the kernel and writes its graph and the list of its memory. The kernel stays stopped
     * until {@link #end}.
     *
     * @param graph takes the object graph, or the records of file systems
     * @param ranges takes offset and length of each piece of memory, as two longs
     * @param hook runs before; the checkpoint's from now on
     */
    Saved begin(
            Wanted wanted,
            HostFd graph,
            HostFd ranges,
            @Nullable Around hook,
            Stages stages,
            Connection connection)
            throws ControlFault {
        Checkpointable what = claimFor(wanted, hook);
        Kernel kernel = what.kernel();
        boolean good = false;
        try {
            if (hook != null) {
                prepare(kernel, hook, connection);
                stages.end("hook");
            }
            stop(kernel);
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
     * @param graph takes the object graph, or the records of file systems, and the rest of what
     *     {@link PlainImageWriter} writes
     * @param image takes the memory, each byte where the memory file has it
     * @param program runs before and, where the sandbox goes on, after
     */
    void saveInto(
            Wanted wanted,
            HostFd graph,
            HostFd image,
            @Nullable Program program,
            boolean resume,
            Connection connection)
            throws ControlFault, InterruptedException {
        Around hook = program == null ? null : program.hook();
        Checkpointable what = claimFor(wanted, hook);
        boolean good = false;
        try (HostFd memory = what.memory()) {
            if (hook != null) {
                prepare(what.kernel(), hook, connection);
            }
            stop(what.kernel());
            PlainImageWriter writer = new PlainImageWriter(graph, image);
            long[] ranges;
            try (OutputStream out = writer.graph()) {
                ranges = wanted.write(what.kernel(), out);
            }
            writer.memory(memory, ranges);
            writer.finish(
                    new Facts(
                            wanted.isOfFiles(),
                            loader.specs().of(what.kernel().containerNames()),
                            program == null ? null : program.json()));
            HostFiles.fsync(graph.number());
            HostFiles.fsync(image.number());
            good = true;
        } catch (KernelException | IOException | ErrnoException e) {
            throw new ControlFault(Code.KERNEL, "saving: " + e.getMessage(), e);
        } finally {
            if (!good) {
                end();
            }
        }
        complete(!resume);
    }

    /** As {@link #claim}; what was to run around the save is let go of when there will be none. */
    private Checkpointable claimFor(Wanted wanted, @Nullable Around hook) throws ControlFault {
        boolean good = false;
        try {
            Checkpointable what = claim(wanted);
            good = true;
            return what;
        } finally {
            if (!good && hook != null) {
                hook.process().close();
            }
        }
    }

    /** Keeps others from saving; {@link #end} follows, whatever happens. */
    private synchronized Checkpointable claim(Wanted wanted) throws ControlFault {
        if (going != null) {
            throw new ControlFault(Code.BUSY, "another checkpoint is going on");
        }
        Checkpointable what = loader.checkpointable();
        going = new Going(wanted, what.kernel());
        return what;
    }

    /** Runs the program before a save. Only one that succeeds runs after it too. */
    private void prepare(Kernel kernel, Around hook, Connection connection) throws ControlFault {
        boolean good = false;
        try {
            loader.requireRunning(hook.container(), "run a program before the checkpoint of");
            good =
                    connection.await(
                            () -> hook.process().run(kernel, hook.container(), Moment.SAVE));
            synchronized (this) {
                if (going != null) {
                    going.hook = hook;
                }
            }
        } finally {
            if (!good) {
                hook.process().close();
            }
        }
    }

    private void stop(Kernel kernel) {
        kernel.pause();
        synchronized (this) {
            if (going != null) {
                going.stopped = true;
            }
        }
    }

    private static void write(
            Wanted wanted, Kernel kernel, HostFd graph, HostFd ranges, Stages stages)
            throws ControlFault {
        try {
            long[] list;
            try (FdOutput out = new FdOutput(graph)) {
                list = wanted.write(kernel, out);
            }
            stages.end("graph");
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

    /**
     * All of the checkpoint is durable: ends the sandbox, or lets it go on.
     *
     * @throws ControlFault when it goes on and what was to run then has failed
     */
    void complete(boolean exit) throws ControlFault, InterruptedException {
        Going ended = end(exit, false);
        if (ended != null && ended.hook != null) {
            try (HookProcess hook = ended.hook.process()) {
                if (!exit) {
                    hook.run(ended.kernel, ended.hook.container(), Moment.RESUME);
                }
            }
        }
    }

    /** Ends a checkpoint that has failed; the sandbox goes on. */
    void end() {
        Going ended = end(false, true);
        if (ended != null && ended.hook != null) {
            // What it did for the save is to be undone all the same.
            try (HookProcess hook = ended.hook.process()) {
                hook.runUnasked(ended.kernel, ended.hook.container(), Moment.RESUME);
            }
        }
    }

    /** The one that has ended; null when there was none. */
    private @Nullable Going end(boolean exit, boolean failed) {
        Going ended;
        synchronized (this) {
            ended = going;
            going = null;
            if (ended == null) {
                return null;
            }
            tell(ended.wanted, failed);
        }
        ended.wanted.requests(ended.kernel).ended(failed ? Outcome.FAILED : Outcome.RESUMED);
        if (exit) {
            loader.endCheckpointed();
        } else if (ended.stopped) {
            ended.kernel.resume();
        }
        return ended;
    }
}
