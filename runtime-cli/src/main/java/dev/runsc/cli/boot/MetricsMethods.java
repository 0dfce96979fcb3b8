package dev.runsc.cli.boot;

import dev.runsc.cli.boot.ControlObjects.ControlObject;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonText;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.KernelException;
import dev.runsc.kernel.MemoryUsage;
import dev.runsc.kernel.fs.proc.ProcessDump;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/** {@code Metrics}: numbers of this sandbox, for those who collect them. */
final class MetricsMethods implements ControlObject {
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;

    private final Loader loader;

    MetricsMethods(Loader loader) {
        this.loader = loader;
    }

    /** What is counted; the name is an interface to others. */
    private enum Metric {
        PROCESSES("processes", "gauge", "processes of the sandbox"),
        TASKS("tasks", "gauge", "tasks of the sandbox: threads of processes"),
        USER_SECONDS("cpu_user_seconds_total", "counter", "time in code of living processes"),
        SYSTEM_SECONDS("cpu_system_seconds_total", "counter", "time in the kernel for them"),
        ANONYMOUS("memory_anonymous_bytes", "gauge", "memory of processes"),
        MAPPED("memory_mapped_bytes", "gauge", "memory of files that are mapped"),
        TMPFS("memory_tmpfs_bytes", "gauge", "memory of files in memory"),
        HEAP("kernel_heap_bytes", "gauge", "memory of the kernel's own objects"),
        COLLECTIONS("kernel_collections_total", "counter", "garbage collections of the kernel"),
        COLLECTION_SECONDS(
                "kernel_collection_seconds_total", "counter", "time of garbage collections"),
        UNKNOWN_CALLS("unimplemented_syscalls", "gauge", "system calls that were missed, by kind"),
        TRACE_DROPPED("trace_dropped_total", "counter", "trace events that no sink took"),
        UPTIME("uptime_seconds", "counter", "time since the sandbox began");

        private final String text;
        private final String type;
        private final String help;

        Metric(String text, String type, String help) {
            this.text = text;
            this.type = type;
            this.help = help;
        }
    }

    @Override
    public Reply handle(String method, ObjectRequest request, Connection connection)
            throws ControlFault, KernelException {
        JsonText json = new JsonText().beginObject().name("metrics").beginArray();
        switch (method) {
            case Methods.METRICS_REGISTERED -> {
                for (Metric metric : Metric.values()) {
                    describe(json, metric).endObject();
                }
            }
            case Methods.METRICS_EXPORT -> export(json);
            default -> throw ControlObjects.unknown(method);
        }
        return new Reply(json.endArray().endObject().text());
    }

    private static JsonText describe(JsonText json, Metric metric) {
        return json.beginObject()
                .field("name", metric.text)
                .field("type", metric.type)
                .field("help", metric.help);
    }

    private void export(JsonText json) throws ControlFault, KernelException {
        Kernel kernel = loader.anyKernel();
        List<ProcessDump> processes = kernel.diagnostics().processes();
        MemoryUsage memory = kernel.memoryUsage();
        long user = processes.stream().mapToLong(ProcessDump::userNanos).sum();
        long system = processes.stream().mapToLong(ProcessDump::systemNanos).sum();
        long collections = 0;
        long collectionMillis = 0;
        for (GarbageCollectorMXBean each : ManagementFactory.getGarbageCollectorMXBeans()) {
            collections += Math.max(0, each.getCollectionCount());
            collectionMillis += Math.max(0, each.getCollectionTime());
        }
        Runtime runtime = Runtime.getRuntime();
        for (Metric metric : Metric.values()) {
            double value =
                    switch (metric) {
                        case PROCESSES -> processes.size();
                        case TASKS -> kernel.diagnostics().taskCount();
                        case USER_SECONDS -> user / NANOS;
                        case SYSTEM_SECONDS -> system / NANOS;
                        case ANONYMOUS -> memory.anonymous();
                        case MAPPED -> memory.mapped();
                        case TMPFS -> memory.tmpfs();
                        case HEAP -> runtime.totalMemory() - runtime.freeMemory();
                        case COLLECTIONS -> collections;
                        case COLLECTION_SECONDS -> collectionMillis / MILLIS;
                        case UNKNOWN_CALLS -> kernel.diagnostics().unknownCalls().size();
                        case TRACE_DROPPED -> loader.watching().sessions().dropped();
                        case UPTIME -> ManagementFactory.getRuntimeMXBean().getUptime() / MILLIS;
                    };
            describe(json, metric).field("value", text(value)).endObject();
        }
    }

    /** Whole numbers without a point: they may be larger than people like to read otherwise. */
    private static String text(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
