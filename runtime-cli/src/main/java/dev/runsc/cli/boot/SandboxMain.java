package dev.runsc.cli.boot;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.control.ControlServer;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.wire.BootDocument;
import dev.runsc.cli.wire.StageCodec;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.Handover;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.KernelException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The sandbox process. It inherits its descriptors and a document that names them, reports once
 * that it is ready, and lives until its root container ends.
 */
public final class SandboxMain {
    /** A config.json of 16 MiB, resolved. */
    private static final int DOCUMENT_BYTES_MAX = 32 << 20;

    /** The exit code after a fault of ours, as gVisor's. */
    private static final int PANIC = 2;

    /** Where a fault is reported besides standard error, -1 for nowhere. */
    private static volatile int panicLog = -1;

    private SandboxMain() {}

    public static void main(String[] args) throws ErrnoException, InterruptedException {
        Thread.setDefaultUncaughtExceptionHandler(SandboxMain::panic);
        Handover.await(args);
        // The JVM is up; what it took until here is its own start.
        Stages stages = new Stages();
        BootDocument document;
        try {
            document = BootDocument.parse(readDocument());
        } catch (JsonFault e) {
            throw new IllegalStateException("boot document: " + e.getMessage(), e);
        }
        panicLog = document.panicLog();
        if (document.debug()) {
            DebugLog.to(new FileOutputStream(FileDescriptor.err));
        }
        stages.end("read document");
        HostFd report = HostFd.own(document.report());
        Loader loader = new Loader(document);
        Thread.ofPlatform()
                .daemon()
                .name("lifeline")
                .start(() -> watchLifeline(HostFd.own(document.lifeline()), loader));
        if (document.container().isEmpty()) {
            Thread.ofPlatform().daemon().name("prepare restore").start(SandboxMain::prepareRestore);
        }
        loader.watchGofer(HostFd.own(document.goferLife()));
        try {
            loader.boot(stages);
        } catch (KernelException e) {
            DebugLog.write("boot failed: " + e.getMessage());
            sendReport(report, e.getMessage(), stages);
            loader.exit(1);
            return;
        }
        ControlServer server =
                new ControlServer(HostFd.own(document.control()), new ControlObjects(loader));
        loader.end().afterAnswersOf(server);
        server.start();
        sendReport(report, null, stages);
        SandboxEnd.park();
    }

    /**
     * A fault of ours in any thread ends the sandbox: a container that lacks a task, or nobody to
     * serve it, would only wait.
     */
    private static void panic(Thread thread, Throwable fault) {
        try {
            StringWriter report = new StringWriter();
            PrintWriter out = new PrintWriter(report, true);
            out.print("panic in thread \"" + thread.getName() + "\": ");
            fault.printStackTrace(out);
            String fatal = report.toString();
            int log = panicLog;
            if (log >= 0) {
                Stacks.print(out);
                HostFiles.writeFully(log, bytes(Instant.now() + " " + report));
            }
            HostFiles.writeFully(2, bytes(fatal));
        } catch (ErrnoException e) {
            DebugLog.write("reporting a panic: " + e.getMessage());
        } finally {
            Runtime.getRuntime().halt(PANIC);
        }
    }

    /** A task does not get out of the kernel: told in the panic log too, where there is one. */
    static void reportStuck(String text) {
        int log = panicLog;
        if (log < 0) {
            return;
        }
        try {
            HostFiles.writeFully(log, bytes(Instant.now() + " " + text + "\n"));
        } catch (ErrnoException e) {
            DebugLog.write("reporting a stuck task: " + e.getMessage());
        }
    }

    private static ByteBuffer bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** While the command that started us reads the snapshot. */
    private static void prepareRestore() {
        try {
            Kernel.prepareRestore();
        } catch (KernelException e) {
            // The restore itself will say so.
            DebugLog.write("preparing: " + e.getMessage());
        }
    }

    private static byte[] readDocument() throws ErrnoException {
        try (HostFd file = HostFd.own(BootDocument.DOCUMENT_FD)) {
            long size = HostFiles.fstat(file.number()).size();
            if (size > DOCUMENT_BYTES_MAX) {
                throw new IllegalStateException("boot document of " + size + " bytes");
            }
            ByteBuffer buffer = ByteBuffer.allocateDirect((int) size);
            while (buffer.hasRemaining()
                    && HostFiles.pread(file.number(), buffer, buffer.position()) > 0) {
                // A read may give less than asked for.
            }
            byte[] bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
            return bytes;
        }
    }

    /**
     * Tells the starting command that all is well, or what is not; it waits for the end of the
     * pipe.
     */
    private static void sendReport(HostFd report, @Nullable String error, Stages stages) {
        JsonText json = new JsonText();
        json.beginObject();
        if (error != null) {
            json.field("error", error);
        }
        StageCodec.write(json, stages);
        json.endObject();
        try (report) {
            HostFiles.writeFully(report.number(), bytes(json.text()));
        } catch (ErrnoException e) {
            // The command died; the lifeline ends this process.
            DebugLog.write("report: " + e.getMessage());
        }
    }

    /** The end of the lifeline without a word before ends the sandbox. */
    private static void watchLifeline(HostFd lifeline, Loader loader) {
        ByteBuffer word = ByteBuffer.allocateDirect(1);
        int count;
        try (lifeline) {
            count = HostFiles.read(lifeline.number(), word);
        } catch (ErrnoException e) {
            DebugLog.write("lifeline: " + e.getMessage());
            count = 0;
        }
        if (count == 0) {
            DebugLog.write("the command that started this sandbox is gone: ending");
            loader.exit(1);
        } else {
            DebugLog.write("let go: " + Arrays.toString(new byte[] {word.get(0)}));
        }
    }
}
