package dev.runsc.cli.wire;

import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a sandbox is told when it starts, in a file it inherits. Everything else it needs it has as
 * descriptors, whose numbers stand here.
 *
 * @param containerId of the root container
 * @param container the container as JSON of {@link SpecCodec}; empty when the sandbox is to wait
 *     for a restore
 * @param stub path of the stub program
 * @param rewriteCallSites see KernelHost
 * @param trace see KernelHost
 * @param pauseAtCall see KernelHost
 * @param debug whether descriptor 2 is a debug log
 * @param panicLog where a fault of ours is reported besides, -1 for nowhere
 * @param control the listening control socket
 * @param report where the sandbox tells that it is ready, or why not
 * @param lifeline a pipe: the byte {@code d} sets the sandbox free, its end ends the sandbox
 * @param memory the memory file
 * @param goferLife a pipe whose other end the gofer holds: it ends when the gofer does
 * @param descriptors for the first process: guest number to ours
 * @param gofers sockets by the names of KernelHost
 * @param memoryBytes see KernelHost
 * @param files what is to be in its file systems
 * @param watch how it is watched
 */
public record BootDocument(
        String containerId,
        String container,
        String stub,
        boolean rewriteCallSites,
        String trace,
        int pauseAtCall,
        boolean debug,
        int panicLog,
        int control,
        int report,
        int lifeline,
        int memory,
        int goferLife,
        Map<Integer, Integer> descriptors,
        Map<String, Integer> gofers,
        long memoryBytes,
        Files files,
        Watch watch) {

    /**
     * What the container's file systems begin with, see FileSource of the kernel.
     *
     * @param records the trees of an image, or an archive; -1 for nothing
     * @param contents the bytes of an image's files; -1 for an archive
     */
    public record Files(int records, int contents) {
        public static final Files NONE = new Files(-1, -1);
    }

    /**
     * How a sandbox is watched.
     *
     * @param traceBytes how much of a buffer a trace of system calls shows
     * @param watchdogPanics whether a task that is stuck ends the sandbox
     * @param stuckMillis how long a task may stay in the kernel without a step
     * @param userLog where the user is told what his programs miss, -1 for nowhere
     * @param ends where it is told how the containers have ended, -1 for nowhere
     */
    public record Watch(
            int traceBytes, boolean watchdogPanics, int stuckMillis, int userLog, int ends) {}

    /** Where a sandbox finds the document. */
    public static final int DOCUMENT_FD = 3;

    private static final int FD_MAX = 1 << 20;

    public byte[] toBytes() {
        JsonText json = new JsonText();
        json.beginObject();
        json.field("containerId", containerId);
        if (!container.isEmpty()) {
            json.name("container").raw(container);
        }
        json.field("stub", stub);
        json.field("rewriteCallSites", rewriteCallSites);
        json.field("trace", trace);
        json.field("pauseAtCall", pauseAtCall);
        json.field("debug", debug);
        if (panicLog >= 0) {
            json.field("panicLog", panicLog);
        }
        json.field("control", control);
        json.field("report", report);
        json.field("lifeline", lifeline);
        json.field("memory", memory);
        json.field("goferLife", goferLife);
        json.field("memoryBytes", memoryBytes);
        json.field("traceBytes", watch.traceBytes);
        json.field("watchdogPanics", watch.watchdogPanics);
        json.field("stuckMillis", watch.stuckMillis);
        if (watch.userLog >= 0) {
            json.field("userLog", watch.userLog);
        }
        if (watch.ends >= 0) {
            json.field("ends", watch.ends);
        }
        if (files.records >= 0) {
            json.field("fileRecords", files.records);
        }
        if (files.contents >= 0) {
            json.field("fileContents", files.contents);
        }
        json.name("descriptors").beginObject();
        for (Map.Entry<Integer, Integer> entry : descriptors.entrySet()) {
            json.field(String.valueOf(entry.getKey()), entry.getValue());
        }
        json.endObject();
        json.name("gofers").beginObject();
        for (Map.Entry<String, Integer> entry : gofers.entrySet()) {
            json.field(entry.getKey(), entry.getValue());
        }
        json.endObject();
        json.endObject();
        return json.text().getBytes(StandardCharsets.UTF_8);
    }

    public static BootDocument parse(byte[] bytes) throws JsonFault {
        JsonReader in = new JsonReader("boot document", bytes);
        Fields fields = new Fields();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            fields.read(name, in);
        }
        in.end();
        return fields.document();
    }

    /** A document while it is read. */
    private static final class Fields {
        private String id = "";
        private String container = "";
        private String stub = "";
        private boolean rewrite = true;
        private String trace = "";
        private int pauseAtCall = 0;
        private boolean debug = false;
        private int panicLog = -1;
        private int control = -1;
        private int report = -1;
        private int lifeline = -1;
        private int memory = -1;
        private int goferLife = -1;
        private long memoryBytes = 0;
        private int traceBytes = 0;
        private boolean watchdogPanics = false;
        private int stuckMillis = Integer.MAX_VALUE;
        private int userLog = -1;
        private int ends = -1;
        private int fileRecords = -1;
        private int fileContents = -1;
        private final Map<Integer, Integer> descriptors = new LinkedHashMap<>();
        private final Map<String, Integer> gofers = new LinkedHashMap<>();

        void read(String name, JsonReader in) throws JsonFault {
            switch (name) {
                case "containerId" -> id = in.string();
                case "container" -> container = in.raw();
                case "stub" -> stub = in.string();
                case "rewriteCallSites" -> rewrite = in.bool();
                case "trace" -> trace = in.string();
                case "pauseAtCall" -> pauseAtCall = in.integer(0, Integer.MAX_VALUE);
                case "debug" -> debug = in.bool();
                case "panicLog" -> panicLog = in.integer(0, FD_MAX);
                case "control" -> control = in.integer(0, FD_MAX);
                case "report" -> report = in.integer(0, FD_MAX);
                case "lifeline" -> lifeline = in.integer(0, FD_MAX);
                case "memory" -> memory = in.integer(0, FD_MAX);
                case "goferLife" -> goferLife = in.integer(0, FD_MAX);
                case "memoryBytes" -> memoryBytes = in.number(0, Long.MAX_VALUE);
                case "traceBytes" -> traceBytes = in.integer(0, Integer.MAX_VALUE);
                case "watchdogPanics" -> watchdogPanics = in.bool();
                case "stuckMillis" -> stuckMillis = in.integer(1, Integer.MAX_VALUE);
                case "userLog" -> userLog = in.integer(0, FD_MAX);
                case "ends" -> ends = in.integer(0, FD_MAX);
                case "fileRecords" -> fileRecords = in.integer(0, FD_MAX);
                case "fileContents" -> fileContents = in.integer(0, FD_MAX);
                case "descriptors" -> readNumbered(in, descriptors);
                case "gofers" -> gofers.putAll(readDescriptors(in));
                default -> in.skip();
            }
        }

        BootDocument document() {
            return new BootDocument(
                    id,
                    container,
                    stub,
                    rewrite,
                    trace,
                    pauseAtCall,
                    debug,
                    panicLog,
                    control,
                    report,
                    lifeline,
                    memory,
                    goferLife,
                    descriptors,
                    gofers,
                    memoryBytes,
                    new Files(fileRecords, fileContents),
                    new Watch(traceBytes, watchdogPanics, stuckMillis, userLog, ends));
        }
    }

    private static void readNumbered(JsonReader in, Map<Integer, Integer> descriptors)
            throws JsonFault {
        readDescriptors(in).forEach((fd, ours) -> descriptors.put(Integer.valueOf(fd), ours));
    }

    private static Map<String, Integer> readDescriptors(JsonReader in) throws JsonFault {
        Map<String, Integer> found = new LinkedHashMap<>();
        in.object();
        for (String key = in.nextName(); key != null; key = in.nextName()) {
            found.put(key, in.integer(0, FD_MAX));
        }
        return found;
    }
}
