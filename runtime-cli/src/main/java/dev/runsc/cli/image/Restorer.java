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
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.launch.SandboxLauncher.LaunchedGofer;
import dev.runsc.cli.launch.SavedFiles;
import dev.runsc.cli.launch.SpecConversion;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.cli.wire.StageCodec;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.FdInput;
import dev.runsc.gofer.host.FdOutput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.KernelException;
import dev.runsc.kernel.SavedRoots;
import dev.runsc.kernel.UpperLayer;
import java.io.IOException;
import java.nio.file.Path;
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
    private final SavedImage image;

    private Restorer(RuntimeConfig config, Stages stages, SavedImage image) {
        this.config = config;
        this.stages = stages;
        this.image = image;
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
     * Reads what a container of a snapshot had changed in its root and writes it as an archive.
     * Nothing of the snapshot runs, so any host will do.
     *
     * @param wanted id, beginning of an id, or name of the snapshot; null for the newest
     * @param name of the container; null where there is only one
     */
    public static void extractUpper(
            RuntimeConfig config,
            Path imagePath,
            @Nullable String wanted,
            @Nullable String name,
            ArchiveFile archive)
            throws Failure {
        Stages stages = new Stages();
        try (SavedImage image = openImage(imagePath, wanted)) {
            if (image.isOfFiles()) {
                throw new Failure(
                        image.label() + " is of file systems, not of containers with roots");
            }
            Restorer restorer = new Restorer(config, stages, image);
            try (SavedRoots roots = restorer.loadRoots()) {
                UpperLayer upper = roots.upper(choose(roots.containers(), name));
                try (HostFd file = archive.open();
                        FdOutput out = new FdOutput(file)) {
                    UpperArchive.write(upper, out);
                }
            }
        } catch (IOException | ErrnoException | KernelException e) {
            throw new Failure("reading the snapshot: " + Failure.reason(e), e);
        } catch (RuntimeException e) {
            // Objects that are not what they should be, for anybody may have written them.
            throw new Failure("reading the snapshot: it is damaged: " + e, e);
        }
    }

    /** Where an archive goes; nothing is there before there is something to write. */
    public interface ArchiveFile {
        HostFd open() throws Failure;
    }

    private SavedRoots loadRoots() throws Failure, KernelException, ErrnoException {
        HostFd memory = ImageFiles.memoryFile("runsc-memory");
        boolean good = false;
        try {
            loadMemory(memory);
            good = true;
        } finally {
            if (!good) {
                memory.close();
            }
        }
        try (HostFd graph = loadGraph()) {
            return SavedRoots.open(memory, new FdInput(graph));
        }
    }

    private static String choose(List<String> names, @Nullable String wanted) throws Failure {
        if (wanted == null && names.size() == 1) {
            return names.getFirst();
        }
        if (wanted == null || !names.contains(wanted)) {
            throw new Failure(
                    "the snapshot has the containers "
                            + String.join(", ", names)
                            + (wanted == null ? ": which?" : " and not \"" + wanted + "\""));
        }
        return wanted;
    }

    /**
     * @param imagePath a store, or a folder with an image in plain files
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
            SavedImage image = openImage(imagePath, wanted);
            boolean good = false;
            try {
                checkContent(image, files);
                if (!files) {
                    checkHost(image);
                }
                good = true;
            } finally {
                if (!good) {
                    image.close();
                }
            }
            stages.end("open store");
            return new Restorer(config, stages, image);
        } catch (IOException | ErrnoException e) {
            throw new Failure("restore failed: " + Failure.reason(e), e);
        }
    }

    private static SavedImage openImage(Path imagePath, @Nullable String wanted)
            throws IOException, ErrnoException {
        if (!PlainImage.isIn(imagePath)) {
            return StoreImage.open(imagePath, wanted);
        }
        if (wanted != null) {
            throw new IOException("\"" + imagePath + "\" has one image, without a name");
        }
        return PlainImage.open(imagePath);
    }

    private static void checkContent(SavedImage image, boolean files) throws Failure {
        if (files != image.isOfFiles()) {
            throw new Failure(
                    "restore failed: "
                            + image.label()
                            + (files
                                    ? " is of a whole sandbox, not of file systems"
                                    : " is of file systems and has no processes: see"
                                            + " --fs-restore-image-path"));
        }
    }

    private static void checkHost(SavedImage image) throws Failure, IOException {
        String network = image.network();
        if (!network.equals(ImageFiles.NETWORK)) {
            throw new Failure(
                    "checkpoint created with "
                            + network
                            + " networking cannot be restored with "
                            + ImageFiles.NETWORK
                            + " networking");
        }
        List<String> missing = CpuFeatures.missing(image.cpuFeatures());
        if (!missing.isEmpty()) {
            throw new Failure(
                    "restore failed: this host's processor lacks what the snapshot was taken with: "
                            + String.join(" ", missing));
        }
    }

    /**
     * Refuses a spec that the saved programs would notice, as far as the flags want that.
     *
     * @param converted the same in the words of the kernel
     */
    public void checkSpec(String id, OciSpec now, SpecConversion converted) throws Failure {
        String difference = image.difference(id, now, converted);
        if (difference != null) {
            switch (config.specValidation()) {
                case ENFORCE -> throw new Failure("restore failed: " + difference);
                case WARNING -> System.err.println("warning: " + difference);
                case IGNORE -> DebugLog.write(difference);
            }
        }
        stages.end("check spec");
    }

    /** Fills a memory file with the saved pages. */
    public void loadMemory(HostFd memory) throws Failure {
        try {
            image.loadMemory(memory);
            stages.end("load memory");
        } catch (IOException | ErrnoException e) {
            throw new Failure("restore failed: " + Failure.reason(e), e);
        }
    }

    /** The saved graph in a file of its own, proved right before the sandbox sees a byte of it. */
    public HostFd loadGraph() throws Failure {
        HostFd graph = ImageFiles.memoryFile("runsc-graph");
        boolean good = false;
        try (FdOutput out = new FdOutput(graph)) {
            image.copyGraph(out);
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
        arguments.field("containers", image.containers(spec.container().name()));
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
        String saved = image.hook();
        if (saved == null) {
            return null;
        }
        try {
            HookRequest hook = HookRequest.parse(saved);
            hook.write(arguments, image.firstProcess(hook.container()));
        } catch (JsonFault e) {
            throw new Failure("restore failed: snapshot says " + e.getMessage(), e);
        }
        return HookRequest.openStreams();
    }

    @Override
    public void close() {
        image.close();
    }
}
