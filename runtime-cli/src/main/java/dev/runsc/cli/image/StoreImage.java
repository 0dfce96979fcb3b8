package dev.runsc.cli.image;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.ProgressLine;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.launch.SpecConversion;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.oci.SpecMatch;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.FdOutput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.ProcessSpec;
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
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A snapshot in a store. */
final class StoreImage implements SavedImage {
    private final SnapshotStore store;
    private final SnapshotReader reader;
    private final SnapshotManifest manifest;

    private StoreImage(SnapshotStore store, SnapshotReader reader, SnapshotManifest manifest) {
        this.store = store;
        this.reader = reader;
        this.manifest = manifest;
    }

    /**
     * @param wanted id, beginning of an id, or name; null for the newest
     */
    static StoreImage open(Path folder, @Nullable String wanted) throws IOException {
        SnapshotStore store = SnapshotStore.open(folder, Access.READ_ONLY);
        try {
            SnapshotManifest manifest = wanted == null ? store.newest() : store.find(wanted);
            return new StoreImage(store, store.read(manifest), manifest);
        } catch (IOException e) {
            store.close();
            throw e;
        }
    }

    private @Nullable String annotation(String key) {
        return manifest.description().annotations().get(key);
    }

    @Override
    public String label() {
        return "snapshot " + manifest.id();
    }

    @Override
    public boolean isOfFiles() {
        return ImageFiles.FILE_SYSTEMS.equals(annotation(ImageFiles.CONTENT));
    }

    @Override
    public String network() {
        return manifest.description().networkMode();
    }

    @Override
    public List<String> cpuFeatures() {
        return manifest.description().cpuFeatures();
    }

    @Override
    public List<String> containers(String first) throws Failure {
        String list = annotation(ImageFiles.CONTAINERS);
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
    public @Nullable String difference(String id, OciSpec now, SpecConversion converted)
            throws Failure {
        String name = now.containerName(id);
        String saved =
                now.isSubcontainer(id)
                        ? annotation(ImageFiles.SPEC_OF + name)
                        : manifest.description().spec();
        if (saved == null) {
            throw new Failure("restore failed: the snapshot has no container \"" + name + "\"");
        }
        // Mostly the same text: comparing what it says would take 50 ms, for records spin classes.
        if (saved.equals(now.json())) {
            return null;
        }
        OciSpec before = read(saved);
        if (SpecMatch.resourcesDiffer(before, now)) {
            DebugLog.write("resources of spec and snapshot differ");
        }
        return SpecMatch.difference(name, before, now);
    }

    private static OciSpec read(String spec) throws Failure {
        return OciReader.read("spec in snapshot", spec.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public @Nullable String hook() {
        return annotation(ImageFiles.HOOK);
    }

    @Override
    public ProcessSpec firstProcess(String container) throws Failure {
        String further = annotation(ImageFiles.SPEC_OF + container);
        String spec = further == null ? manifest.description().spec() : further;
        return SpecConversion.process(read(spec).process());
    }

    /** On all cores. */
    @Override
    public void loadMemory(HostFd memory) throws IOException, ErrnoException {
        try (FileChannel target =
                ImageFiles.channel(memory, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            StreamInfo stream = reader.memoryRegion(ImageFiles.MEMORY);
            HostFiles.ftruncate(memory.number(), stream.lengthBytes());
            try (ProgressLine _ =
                    ProgressLine.begin("restore: memory", stream.dataBytes(), reader::givenBytes)) {
                reader.read(stream, target);
            }
        }
    }

    @Override
    public void copyGraph(FdOutput out) throws IOException {
        try (InputStream in = reader.openObjects()) {
            in.transferTo(out);
        }
    }

    @Override
    public void close() {
        reader.close();
        store.close();
    }
}
