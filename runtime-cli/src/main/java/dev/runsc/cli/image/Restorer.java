package dev.runsc.cli.image;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.ProgressLine;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.control.ControlClient.Answer;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.launch.SandboxLauncher.LaunchedGofer;
import dev.runsc.cli.launch.SavedFiles;
import dev.runsc.cli.launch.SpecConversion;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.oci.SpecMatch;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.cli.wire.StageCodec;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.FdOutput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.snapshot.SnapshotReader;
import dev.runsc.snapshot.SnapshotStore;
import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings a snapshot into a sandbox that waits for one: {@link #open}, {@link #loadMemory}, {@link
 * #handOver}, in this order.
 */
public final class Restorer implements AutoCloseable {
    private final RuntimeConfig config;
    private final Stages stages;
    private final SnapshotStore store;
    private final SnapshotReader reader;

    private Restorer(
            RuntimeConfig config, Stages stages, SnapshotStore store, SnapshotReader reader) {
        this.config = config;
        this.stages = stages;
        this.store = store;
        this.reader = reader;
    }

    /**
     * Opens a snapshot and checks that this host can run it.
     *
     * @param wanted id, beginning of an id, or name; null for the newest
     */
    public static Restorer open(
            RuntimeConfig config, Stages stages, Path imagePath, @Nullable String wanted)
            throws Failure {
        return open(config, stages, imagePath, wanted, false);
    }

    /**
     * Takes the newest snapshot of a store, which is one of file systems, out of it.
     *
     * @return proved to be what was saved; by whom is another question
     */
    public static SavedFiles loadFiles(RuntimeConfig config, Stages stages, Path imagePath)
            throws Failure {
        try (Restorer restorer = open(config, stages, imagePath, null, true)) {
            HostFd contents = ImageFiles.memoryFile("runsc-files");
            boolean good = false;
            try {
                restorer.loadMemory(contents);
                SavedFiles files = new SavedFiles(restorer.loadGraph(), contents);
                good = true;
                return files;
            } finally {
                if (!good) {
                    contents.close();
                }
            }
        }
    }

    /**
     * @param files whether it is to be a snapshot of file systems, not of a sandbox
     */
    private static Restorer open(
            RuntimeConfig config,
            Stages stages,
            Path imagePath,
            @Nullable String wanted,
            boolean files)
            throws Failure {
        try {
            SnapshotStore store = SnapshotStore.open(imagePath, Access.READ_ONLY);
            SnapshotReader reader = null;
            try {
                SnapshotManifest manifest = wanted == null ? store.newest() : store.find(wanted);
                reader = store.read(manifest);
                checkContent(manifest, files);
                if (!files) {
                    checkHost(manifest);
                }
            } catch (IOException | Failure e) {
                if (reader != null) {
                    reader.close();
                }
                store.close();
                throw e;
            }
            stages.end("open store");
            return new Restorer(config, stages, store, reader);
        } catch (IOException e) {
            throw new Failure("restore failed: " + Failure.reason(e), e);
        }
    }

    private static void checkContent(SnapshotManifest manifest, boolean files) throws Failure {
        String content = manifest.description().annotations().get(ImageFiles.CONTENT);
        if (files != ImageFiles.FILE_SYSTEMS.equals(content)) {
            throw new Failure(
                    "restore failed: snapshot "
                            + manifest.id()
                            + (files
                                    ? " is of a whole sandbox, not of file systems"
                                    : " is of file systems and has no processes: see"
                                            + " --fs-restore-image-path"));
        }
    }

    private static void checkHost(SnapshotManifest manifest) throws Failure, IOException {
        String network = manifest.description().networkMode();
        if (!network.equals(ImageFiles.NETWORK)) {
            throw new Failure(
                    "checkpoint created with "
                            + network
                            + " networking cannot be restored with "
                            + ImageFiles.NETWORK
                            + " networking");
        }
        List<String> missing = CpuFeatures.missing(manifest.description().cpuFeatures());
        if (!missing.isEmpty()) {
            throw new Failure(
                    "restore failed: this host's processor lacks what the snapshot was taken with: "
                            + String.join(" ", missing));
        }
    }

    public SnapshotManifest manifest() {
        return reader.manifest();
    }

    /** Refuses a spec that the saved programs would notice, as far as the flags want that. */
    public void checkSpec(String id, OciSpec now) throws Failure {
        String name = now.containerName(id);
        String saved =
                now.isSubcontainer(id)
                        ? manifest().description().annotations().get(ImageFiles.SPEC_OF + name)
                        : manifest().description().spec();
        if (saved == null) {
            throw new Failure("restore failed: the snapshot has no container \"" + name + "\"");
        }
        // Mostly the same text: comparing what it says would take 50 ms, for records spin classes.
        if (!saved.equals(now.json())) {
            compareSpec(name, saved, now);
        }
        stages.end("check spec");
    }

    private void compareSpec(String name, String savedText, OciSpec now) throws Failure {
        OciSpec saved =
                OciReader.read("spec in snapshot", savedText.getBytes(StandardCharsets.UTF_8));
        String difference = SpecMatch.difference(name, saved, now);
        if (difference != null) {
            switch (config.specValidation()) {
                case ENFORCE -> throw new Failure("restore failed: " + difference);
                case WARNING -> System.err.println("warning: " + difference);
                case IGNORE -> DebugLog.write(difference);
            }
        }
        if (SpecMatch.resourcesDiffer(saved, now)) {
            DebugLog.write("resources of spec and snapshot differ");
        }
    }

    /** Fills a memory file with the saved pages, on all cores. */
    public void loadMemory(HostFd memory) throws Failure {
        try (FileChannel target =
                ImageFiles.channel(memory, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            StreamInfo stream = reader.memoryRegion(ImageFiles.MEMORY);
            HostFiles.ftruncate(memory.number(), stream.lengthBytes());
            try (ProgressLine _ =
                    ProgressLine.begin("restore: memory", stream.dataBytes(), reader::givenBytes)) {
                reader.read(stream, target);
            }
            stages.end("load memory");
        } catch (IOException | ErrnoException e) {
            throw new Failure("restore failed: " + Failure.reason(e), e);
        }
    }

    /** The saved graph in a file of its own, proved right before the sandbox sees a byte of it. */
    public HostFd loadGraph() throws Failure {
        HostFd graph = ImageFiles.memoryFile("runsc-graph");
        boolean good = false;
        try (InputStream in = reader.openObjects();
                FdOutput out = new FdOutput(graph)) {
            in.transferTo(out);
            out.flush();
            good = true;
            stages.end("load graph");
            return graph;
        } catch (IOException e) {
            throw new Failure("restore failed: " + Failure.reason(e), e);
        } finally {
            if (!good) {
                graph.close();
            }
        }
    }

    /**
     * Gives the sandbox everything; it then has the kernel of the snapshot, stopped.
     *
     * @param gofer null when the sandbox has its own from its start
     */
    public void handOver(
            Path controlSocket,
            SpecConversion spec,
            HostFd memory,
            HostFd graph,
            @Nullable LaunchedGofer gofer)
            throws Failure {
        JsonText arguments = new JsonText().beginObject().name("container");
        SpecCodec.write(arguments, spec.container());
        Map<String, HostFd> sockets = gofer == null ? Map.of() : gofer.sockets();
        arguments.field("containers", containers(spec.container().name()));
        arguments.field("gofers", sockets.keySet());
        List<Integer> descriptors = new ArrayList<>();
        descriptors.add(memory.number());
        descriptors.add(graph.number());
        HostFd streams = addHook(arguments);
        if (streams != null) {
            descriptors.add(streams.number());
        }
        arguments.endObject();
        if (gofer != null) {
            descriptors.add(gofer.life().number());
        }
        sockets.values().forEach(fd -> descriptors.add(fd.number()));
        try (ControlClient client = ControlClient.connect(controlSocket);
                ProgressLine _ = ProgressLine.begin("restore: kernel")) {
            Answer answer =
                    client.call(
                            Methods.RESTORE,
                            arguments.text(),
                            descriptors.stream().mapToInt(Integer::intValue).toArray());
            stages.endSplit(StageCodec.read(answer.reader(), "sandbox: "), "request");
        } catch (ControlFault e) {
            throw new Failure("restore failed: " + e.getMessage(), e);
        } catch (JsonFault e) {
            throw new Failure("restore failed: sandbox sent " + e.getMessage(), e);
        } finally {
            if (streams != null) {
                streams.close();
            }
        }
    }

    /** Tells of the program that is to run after the restore; its streams, null without one. */
    private @Nullable HostFd addHook(JsonText arguments) throws Failure {
        Map<String, String> annotations = manifest().description().annotations();
        String saved = annotations.get(ImageFiles.HOOK);
        if (saved == null) {
            return null;
        }
        try {
            HookRequest hook = HookRequest.parse(saved);
            String spec = annotations.get(ImageFiles.SPEC_OF + hook.container());
            byte[] text =
                    (spec == null ? manifest().description().spec() : spec)
                            .getBytes(StandardCharsets.UTF_8);
            hook.write(arguments, OciReader.read("spec in snapshot", text).process());
        } catch (JsonFault e) {
            throw new Failure("restore failed: snapshot says " + e.getMessage(), e);
        }
        return HookRequest.openStreams();
    }

    /** The names of the containers in the image. */
    private List<String> containers(String first) throws Failure {
        String list = manifest().description().annotations().get(ImageFiles.CONTAINERS);
        if (list == null) {
            return List.of(first);
        }
        try {
            return new JsonReader("containers", list.getBytes(StandardCharsets.UTF_8)).strings();
        } catch (JsonFault e) {
            throw new Failure("restore failed: snapshot says " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        reader.close();
        store.close();
    }
}
