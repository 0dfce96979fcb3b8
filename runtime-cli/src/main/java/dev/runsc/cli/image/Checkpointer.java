package dev.runsc.cli.image;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.ProgressLine;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.base.Stages.Stage;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.control.ControlClient.Answer;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.launch.SpecConversion;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.oci.SaveHook;
import dev.runsc.cli.wire.StageCodec;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.FdInput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.snapshot.SnapshotStore;
import dev.runsc.snapshot.SnapshotWriter;
import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.ByteRange;
import dev.runsc.snapshot.model.SnapshotDescription;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotManifest;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Saves a sandbox as a snapshot, or only file systems of it. */
public final class Checkpointer {
    /**
     * Enough for a terabyte of memory in pieces of a page on average; a sandbox cannot make us hold
     * more.
     */
    private static final long RANGES_MAX = 1L << 28;

    private static final long RANGE_BYTES = 16;

    private final ContainerState first;
    private final List<ContainerState> further;
    private final Wanted wanted;
    private final Stages stages = new Stages();

    /** What runs around the save, in the container whose state follows. */
    private @Nullable HookRequest hook;

    private @Nullable ContainerState hookContainer;

    /**
     * What is wanted.
     *
     * @param imagePath the store
     * @param leaveRunning whether the sandbox goes on afterwards
     * @param name the snapshot's name in the store; null for none
     * @param paths which file systems alone, as {@link Methods#FS_SAVE} takes them; null for all of
     *     the sandbox
     * @param hook what runs in the container around the save; null for nothing
     */
    public record Wanted(
            Path imagePath,
            boolean leaveRunning,
            @Nullable String name,
            @Nullable List<String> paths,
            @Nullable SaveHook hook) {
        /** How it is called when it fails. */
        public String command() {
            return paths == null ? "checkpoint" : "fscheckpoint";
        }
    }

    /**
     * @param first the first container of the sandbox
     * @param further the others in it
     */
    public Checkpointer(ContainerState first, List<ContainerState> further, Wanted wanted) {
        this.first = first;
        this.further = further;
        this.wanted = wanted;
    }

    /** Has a program run in a container of the sandbox before the save and after it. */
    public void runAround(ContainerState container, SaveHook program) throws Failure {
        hook = new HookRequest(spec(container).containerName(container.id()), program);
        hookContainer = container;
    }

    private static OciSpec spec(ContainerState state) throws Failure {
        return OciReader.read("spec of " + state.id(), state.specBytes());
    }

    /** What the time went to. */
    public Stages stages() {
        return stages;
    }

    /**
     * Saves and publishes; afterwards the sandbox has ended, or goes on.
     *
     * @param version of this program
     */
    public SnapshotManifest checkpoint(String version) throws Failure {
        // The store's library takes a while to load: beside the sandbox's work, not before it.
        CompletableFuture<SnapshotStore> opening = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("open store").start(() -> openStore(opening));
        try (ControlClient client = connect();
                HostFd graph = ImageFiles.memoryFile("runsc-graph");
                HostFd ranges = ImageFiles.memoryFile("runsc-ranges")) {
            stages.end("connect");
            Answer answer = request(client, graph, ranges);
            try (HostFd memory = onlyDescriptor(answer)) {
                stages.endSplit(StageCodec.read(answer.reader(), "sandbox: "), "request");
                SnapshotDescription.Builder description =
                        describe(containers(answer.reader()))
                                .name(wanted.name)
                                .runscVersion(version);
                SnapshotManifest manifest = save(opening, graph, ranges, memory, description);
                end(client, wanted.leaveRunning, manifest);
                stages.end(wanted.leaveRunning ? "resume" : "stop");
                return manifest;
            }
        } catch (ControlFault e) {
            throw failed(e.getMessage(), e);
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            throw failed(Failure.reason(cause == null ? e : cause), e);
        } catch (IOException | ErrnoException | JsonFault e) {
            throw failed(Failure.reason(e), e);
        }
    }

    private Failure failed(String why, Exception cause) {
        return new Failure(wanted.command() + " failed: " + why, cause);
    }

    private Answer request(ControlClient client, HostFd graph, HostFd ranges)
            throws ControlFault, Failure {
        List<String> paths = wanted.paths;
        HookRequest program = hook;
        ContainerState container = hookContainer;
        JsonText arguments = new JsonText().beginObject();
        if (paths != null) {
            arguments.field("paths", paths);
        }
        String method = paths == null ? Methods.CHECKPOINT : Methods.FS_CHECKPOINT;
        try (ProgressLine _ = ProgressLine.begin("checkpoint: kernel")) {
            if (program == null || container == null) {
                return client.call(
                        method, arguments.endObject().text(), graph.number(), ranges.number());
            }
            arguments.field("id", container.id());
            program.write(arguments, SpecConversion.process(spec(container).process()));
            try (HostFd streams = HookRequest.openStreams()) {
                return client.call(
                        method,
                        arguments.endObject().text(),
                        graph.number(),
                        ranges.number(),
                        streams.number());
            }
        }
    }

    /** The names of the containers that the image has, as a JSON array. */
    private static String containers(JsonReader in) throws JsonFault {
        String list = "[]";
        in.object();
        for (String field = in.nextName(); field != null; field = in.nextName()) {
            if (field.equals("containers")) {
                list = in.raw();
            } else {
                in.skip();
            }
        }
        return list;
    }

    private SnapshotDescription.Builder describe(String containers) throws Failure, IOException {
        SnapshotDescription.Builder description =
                SnapshotDescription.builder()
                        .spec(first.spec())
                        .cpuFeatures(CpuFeatures.ofHost())
                        .networkMode(ImageFiles.NETWORK)
                        .annotation("containerId", first.id())
                        .annotation(ImageFiles.CONTAINERS, containers);
        if (wanted.paths != null) {
            description.annotation(ImageFiles.CONTENT, ImageFiles.FILE_SYSTEMS);
        }
        for (ContainerState state : further) {
            description.annotation(
                    ImageFiles.SPEC_OF + spec(state).containerName(state.id()), state.spec());
        }
        if (hook != null) {
            description.annotation(ImageFiles.HOOK, hook.json());
        }
        return description;
    }

    /** A sandbox told to end may be gone before its answer arrives: that is what was asked. */
    private static void end(ControlClient client, boolean leaveRunning, SnapshotManifest manifest)
            throws Failure, ControlFault {
        try {
            client.call(
                    Methods.CHECKPOINT_END, leaveRunning ? "{\"exit\":false}" : "{\"exit\":true}");
        } catch (ControlFault e) {
            if (leaveRunning && e.code() == ControlFault.Code.KERNEL) {
                throw new Failure(
                        "snapshot " + manifest.id() + " is saved, but " + e.getMessage(), e);
            }
            if (leaveRunning || e.code() != ControlFault.Code.DISCONNECTED) {
                throw e;
            }
        }
    }

    private ControlClient connect() throws ControlFault {
        return ControlClient.connect(Path.of(first.sandbox().controlSocket()));
    }

    private void openStore(CompletableFuture<SnapshotStore> opening) {
        try {
            opening.complete(SnapshotStore.open(wanted.imagePath, Access.CREATE));
        } catch (SnapshotException | RuntimeException | LinkageError e) {
            opening.completeExceptionally(e);
        }
    }

    private static HostFd onlyDescriptor(Answer answer) throws ControlFault {
        if (answer.descriptors().size() != 1) {
            answer.descriptors().forEach(HostFd::close);
            throw new ControlFault(ControlFault.Code.INTERNAL, "sandbox sent no memory file");
        }
        return answer.descriptors().getFirst();
    }

    private SnapshotManifest save(
            CompletableFuture<SnapshotStore> opening,
            HostFd graph,
            HostFd ranges,
            HostFd memory,
            SnapshotDescription.Builder description)
            throws IOException, ErrnoException, Failure {
        try (SnapshotStore store = opening.join()) {
            stages.end("open store");
            return save(store, graph, ranges, memory, description);
        }
    }

    private SnapshotManifest save(
            SnapshotStore store,
            HostFd graph,
            HostFd ranges,
            HostFd memory,
            SnapshotDescription.Builder description)
            throws IOException, ErrnoException, Failure {
        try (SnapshotWriter writer = store.begin();
                FileChannel pages = ImageFiles.channel(memory, StandardOpenOption.READ)) {
            stages.end("begin snapshot");
            writer.objects(new FdInput(graph));
            stages.end("write graph");
            List<ByteRange> list = readRanges(ranges);
            long length = HostFiles.fstat(memory.number()).size();
            long bytes = list.stream().mapToLong(ByteRange::length).sum();
            long before = writer.takenBytes();
            try (ProgressLine _ =
                    ProgressLine.begin(
                            "checkpoint: memory", bytes, () -> writer.takenBytes() - before)) {
                writer.memory(ImageFiles.MEMORY, pages, length, list);
            }
            stages.end("write memory");
            description.size("graph", HostFiles.fstat(graph.number()).size()).size("memory", bytes);
            for (Stage stage : stages.list()) {
                description.stage(stage.name(), stage.nanos());
            }
            try (ProgressLine _ = ProgressLine.begin("checkpoint: publishing")) {
                return writer.publish(description.build());
            } finally {
                stages.end("publish");
            }
        }
    }

    /** What the kernel says its memory file holds: offset and length of each piece. */
    private static List<ByteRange> readRanges(HostFd file)
            throws IOException, ErrnoException, Failure {
        long count = HostFiles.fstat(file.number()).size() / RANGE_BYTES;
        if (count > RANGES_MAX) {
            throw new Failure("checkpoint failed: " + count + " pieces of memory");
        }
        List<ByteRange> list = new ArrayList<>((int) count);
        try (DataInputStream in = new DataInputStream(new FdInput(file))) {
            for (long i = 0; i < count; i++) {
                long offset = in.readLong();
                long length = in.readLong();
                list.add(new ByteRange(offset, length));
            }
        } catch (IllegalArgumentException e) {
            throw new Failure("checkpoint failed: " + e.getMessage(), e);
        }
        return list;
    }
}
