package dev.runsc.cli.image;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.oci.SaveHook;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.kernel.ProcessSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * A program around saves, as requests and snapshots have it. It runs as the container's own first
 * process does, without streams.
 *
 * @param container the name of the container that it runs in
 */
public record HookRequest(String container, SaveHook hook) {
    /** For a snapshot. */
    public String json() {
        return new JsonText()
                .beginObject()
                .field("container", container)
                .field("args", hook.arguments())
                .field("timeoutNanos", hook.timeoutNanos())
                .endObject()
                .text();
    }

    /** Reads what a snapshot says. */
    static HookRequest parse(String json) throws JsonFault {
        JsonReader in = new JsonReader("hook", json.getBytes(StandardCharsets.UTF_8));
        String container = "";
        List<String> arguments = List.of();
        long timeoutNanos = 0;
        in.object();
        for (String field = in.nextName(); field != null; field = in.nextName()) {
            switch (field) {
                case "container" -> container = in.string();
                case "args" -> arguments = in.strings();
                case "timeoutNanos" -> timeoutNanos = in.number(1, Long.MAX_VALUE);
                default -> in.skip();
            }
        }
        in.end();
        if (arguments.isEmpty() || timeoutNanos == 0) {
            throw in.fault("a program needs words and a timeout");
        }
        return new HookRequest(container, new SaveHook(arguments, timeoutNanos));
    }

    /**
     * Writes it into a request, within an object.
     *
     * @param first the first process of the container
     */
    void write(JsonText json, ProcessSpec first) {
        json.name("process");
        SpecCodec.write(json, process(first));
        json.field("timeoutNanos", hook.timeoutNanos()).field("hookContainer", container);
    }

    /**
     * The program as the container's own first process is run, without descriptors.
     *
     * @param first the first process of the container
     */
    public ProcessSpec process(ProcessSpec first) {
        return new ProcessSpec(
                hook.arguments(),
                first.environment(),
                first.workingDirectory(),
                first.uid(),
                first.gid(),
                first.additionalGids(),
                first.umask(),
                first.capabilities(),
                first.noNewPrivileges(),
                first.resourceLimits(),
                Map.of(),
                false,
                first.oomScoreAdj());
    }

    /** What it reads from and writes to. */
    static HostFd openStreams() throws Failure {
        try {
            return HostTree.open("/dev/null", OpenFlags.O_RDWR | OpenFlags.O_CLOEXEC, 0);
        } catch (ErrnoException e) {
            throw new Failure("/dev/null: " + e.getMessage(), e);
        }
    }
}
