package dev.runsc.cli.boot;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.json.JsonText;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.Kernel.ProcessInfo;
import dev.runsc.kernel.KernelException;
import dev.runsc.kernel.MemoryUsage;
import dev.runsc.kernel.fs.gofer.FileReads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Answers to those who ask what a sandbox uses. */
final class SandboxUsage {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String OWN_MEMORY = "RssAnon:";
    private static final int KB = 1024;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private SandboxUsage() {}

    /**
     * How many processes a container has, and the processor time of all containers' processes that
     * live: by it their sandbox's is divided among them.
     */
    static Reply event(Loader loader, String id) throws ControlFault, KernelException {
        Kernel kernel = loader.kernelFor(id, "get events for");
        JsonText json = new JsonText().beginObject();
        json.name("pids").beginObject();
        json.field("current", kernel.processes(id).size()).endObject();
        json.name("containerUsage").beginObject();
        for (String each : loader.livingContainers()) {
            long millis = 0;
            for (ProcessInfo process : kernel.processes(each)) {
                millis += process.cpuTimeMillis();
            }
            json.field(each, millis * NANOS_PER_MILLI);
        }
        return new Reply(json.endObject().endObject().text());
    }

    /**
     * Bytes by kind. The kernel keeps no pages of files beside the host's own cache, and nothing
     * whose use it does not know.
     */
    static Reply collect(MemoryUsage guest) {
        long system = ownMemoryBytes();
        JsonText json = new JsonText().beginObject();
        json.field("Unknown", 0).field("System", system);
        json.field("Anonymous", guest.anonymous()).field("PageCache", 0);
        json.field("Mapped", guest.mapped()).field("Tmpfs", guest.tmpfs());
        json.field("Ramdiskfs", 0);
        json.field("Total", system + guest.anonymous() + guest.mapped() + guest.tmpfs());
        return new Reply(json.endObject().text());
    }

    /** Reads of the host's files: how many, of how many bytes, and the time they took. */
    static Reply fileReads(FileReads reads) {
        JsonText json = new JsonText().beginObject();
        counter(json.name("gofer"), reads.gofer());
        counter(json.name("host"), reads.host());
        return new Reply(json.endObject().text());
    }

    private static void counter(JsonText json, FileReads.Counter counter) {
        json.beginObject().field("reads", counter.count()).field("bytes", counter.bytes());
        json.field("nanos", counter.nanos()).endObject();
    }

    /** What this process itself needs: neither the guest's memory nor files, which are shared. */
    private static long ownMemoryBytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(OWN_MEMORY)) {
                    String[] words = line.substring(OWN_MEMORY.length()).strip().split(" ");
                    return Long.parseLong(words[0]) * KB;
                }
            }
        } catch (IOException e) {
            DebugLog.write("own memory: " + Failure.reason(e));
        }
        return 0;
    }
}
