package dev.runsc.cli.launch;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.Stages.Stage;
import dev.runsc.cli.container.ProcessIdentity;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.wire.StageCodec;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostProcess;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox that this process has started. Unless {@link #letGo} is called, it ends when this
 * object is closed or this process ends.
 */
public final class LaunchedSandbox implements AutoCloseable {
    /** A report is one line; more is not believed. */
    private static final int REPORT_BYTES_MAX = 64 << 10;

    /** The lines of a stack trace below its first. */
    private static final Pattern TRACE_LINE = Pattern.compile("(?m)^\\s+(at |\\.\\.\\. ).*$");

    private final int sandboxPid;
    private final int goferPid;
    private final HostFd report;
    private final HostFd lifeline;
    private final @Nullable HostFd sandboxErrors;
    private final HostFd memory;
    private volatile boolean letGo;

    LaunchedSandbox(
            int sandboxPid,
            int goferPid,
            HostFd report,
            HostFd lifeline,
            @Nullable HostFd sandboxErrors,
            HostFd memory) {
        this.sandboxPid = sandboxPid;
        this.goferPid = goferPid;
        this.report = report;
        this.lifeline = lifeline;
        this.sandboxErrors = sandboxErrors;
        this.memory = memory;
    }

    public ProcessIdentity sandbox() {
        return ProcessIdentity.of(sandboxPid);
    }

    public ProcessIdentity gofer() {
        return ProcessIdentity.of(goferPid);
    }

    /** The sandbox's memory file. */
    public HostFd memory() {
        return memory;
    }

    /**
     * Waits until the sandbox answers control requests, its container loaded if it has one.
     *
     * @return what it took its time for, the start of its JVM not included
     */
    public List<Stage> awaitReady() throws Failure {
        byte[] bytes = readReport();
        if (bytes.length == 0) {
            throw new Failure("sandbox ended before it was ready" + lastWords());
        }
        try {
            JsonReader in = new JsonReader("sandbox report", bytes);
            String error = null;
            List<Stage> stages = new ArrayList<>();
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                switch (name) {
                    case "error" -> error = in.string();
                    case "stages" -> StageCodec.readInto(stages, in, "sandbox: ");
                    default -> in.skip();
                }
            }
            if (error != null) {
                throw new Failure(error);
            }
            return stages;
        } catch (JsonFault e) {
            throw new Failure("starting sandbox: " + e.getMessage() + lastWords(), e);
        }
    }

    /**
     * From now on the sandbox lives without this process.
     *
     * @param started whether its program runs: then it may have ended by itself, and all is well
     */
    public void letGo(boolean started) throws Failure {
        try {
            ByteBuffer word = ByteBuffer.allocateDirect(1).put((byte) 'd').flip();
            HostFiles.writeFully(lifeline.number(), word);
            letGo = true;
        } catch (ErrnoException e) {
            if (!started) {
                throw new Failure("sandbox ended" + lastWords(), e);
            }
            DebugLog.write("sandbox ended before it was let go" + lastWords());
            letGo = true;
        }
    }

    /** Kills both processes and waits until they are gone. */
    public void kill() {
        RoleProcess.end(sandboxPid);
        RoleProcess.end(goferPid);
    }

    /** Waits until both have ended by themselves. */
    public void reap() {
        for (int pid : new int[] {sandboxPid, goferPid}) {
            try {
                HostProcess.waitFor(pid);
            } catch (ErrnoException e) {
                DebugLog.write("waiting for " + pid + ": " + e.getMessage());
            }
        }
    }

    /**
     * Ends what was not let go; the processes end by themselves as our ends of their pipes close.
     */
    @Override
    public void close() {
        report.close();
        lifeline.close();
        memory.close();
        if (sandboxErrors != null) {
            sandboxErrors.close();
        }
    }

    public boolean isLetGo() {
        return letGo;
    }

    private byte[] readReport() throws Failure {
        ByteBuffer buffer = ByteBuffer.allocateDirect(REPORT_BYTES_MAX);
        try {
            while (buffer.hasRemaining() && HostFiles.read(report.number(), buffer) > 0) {
                // One report may come in pieces.
            }
        } catch (ErrnoException e) {
            throw new Failure("reading the sandbox's report: " + e.getMessage(), e);
        }
        byte[] bytes = new byte[buffer.flip().remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /**
     * What the sandbox wrote to standard error before it died, on one line that begins with a
     * colon; empty when there is nothing, or a debug log has it.
     */
    public String lastWords() {
        if (sandboxErrors == null) {
            return "";
        }
        try {
            ByteBuffer buffer = ByteBuffer.allocateDirect(SandboxLauncher.ERROR_BYTES_MAX);
            HostFiles.pread(sandboxErrors.number(), buffer, 0);
            byte[] bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            int end = text.indexOf('\0');
            text = TRACE_LINE.matcher(end < 0 ? text : text.substring(0, end)).replaceAll("");
            text = text.strip();
            return text.isEmpty() ? "" : ": " + text.replaceAll("\\s+", " ");
        } catch (ErrnoException e) {
            return "";
        }
    }
}
