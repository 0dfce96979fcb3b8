package dev.runsc.cli.boot;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.launch.Console;
import dev.runsc.cli.wire.BootDocument;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostSignals;
import dev.runsc.kernel.ContainerSpec;
import dev.runsc.kernel.FileImage;
import dev.runsc.kernel.FileSource;
import dev.runsc.kernel.KernelHost;
import dev.runsc.kernel.UpperArchive;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What this process was born with, as the kernel takes it. */
final class BootResources {
    private final BootDocument document;
    private final HostFd memory;
    private final Map<Integer, HostFd> descriptors = new LinkedHashMap<>();

    BootResources(BootDocument document) {
        this.document = document;
        this.memory = HostFd.own(document.memory());
        document.descriptors().forEach((guest, ours) -> descriptors.put(guest, HostFd.own(ours)));
    }

    /** An empty memory file. */
    HostFd memory() {
        return memory;
    }

    /** Leaves word of how the containers have ended, for who asks when this process is gone. */
    void tellEnds(Collection<GuestContainer> containers) {
        int file = document.watch().ends();
        if (file < 0) {
            return;
        }
        JsonText json = new JsonText().beginObject();
        for (GuestContainer container : containers) {
            if (container.end().isDone() && !container.end().isCompletedExceptionally()) {
                json.field(container.id(), container.end().join());
            }
        }
        byte[] bytes = json.endObject().text().getBytes(StandardCharsets.UTF_8);
        try {
            HostFiles.writeFully(file, ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
        } catch (ErrnoException e) {
            DebugLog.write("how containers have ended cannot be told: " + e.getMessage());
        }
    }

    /** What the first container's first process gets, by guest number. */
    Map<Integer, HostFd> descriptors() {
        return descriptors;
    }

    /** The sockets of the gofer that was started with us; taken once. */
    Map<String, HostFd> gofers() {
        Map<String, HostFd> gofers = new LinkedHashMap<>();
        document.gofers().forEach((key, fd) -> gofers.put(key, HostFd.own(fd)));
        return gofers;
    }

    /** What is to be in the first container's file systems; null for nothing. Taken once. */
    @Nullable FileSource files() {
        BootDocument.Files files = document.files();
        if (files.records() < 0) {
            return null;
        }
        HostFd records = HostFd.own(files.records());
        return files.contents() < 0
                ? new UpperArchive(records)
                : new FileImage(records, HostFd.own(files.contents()));
    }

    KernelHost host(HostFd memoryFile, Map<String, HostFd> gofers) {
        return new KernelHost(
                Path.of(document.stub()),
                memoryFile,
                gofers,
                document.rewriteCallSites(),
                document.trace(),
                document.watch().traceBytes(),
                document.pauseAtCall(),
                document.memoryBytes());
    }

    /**
     * The first container.
     *
     * @param json of {@link SpecCodec}
     * @param terminalResized what to do when its terminal has changed its size
     */
    ContainerSpec rootSpec(String json, Runnable terminalResized) throws JsonFault, ErrnoException {
        // Copies, for a restore in place of the start needs them once more.
        Map<Integer, HostFd> copies = new LinkedHashMap<>();
        for (Map.Entry<Integer, HostFd> entry : descriptors.entrySet()) {
            copies.put(entry.getKey(), entry.getValue().duplicate());
        }
        ContainerSpec spec = spec(json, copies);
        HostFd console = descriptors.get(0);
        if (spec.process().terminal() && console != null) {
            Console.takeAsControlling(console.number());
            HostSignals.handle(List.of(SignalNumbers.SIGWINCH), signal -> terminalResized.run());
        }
        return spec;
    }

    /** Any container. */
    static ContainerSpec spec(String json, Map<Integer, HostFd> descriptors) throws JsonFault {
        return SpecCodec.readContainer(
                new JsonReader("container", json.getBytes(StandardCharsets.UTF_8)), descriptors);
    }
}
