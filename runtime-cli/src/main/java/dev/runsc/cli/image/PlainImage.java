package dev.runsc.cli.image;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.ProgressLine;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.launch.SpecConversion;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.host.FdInput;
import dev.runsc.gofer.host.FdOutput;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.kernel.ContainerSpec;
import dev.runsc.kernel.ProcessSpec;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An image without a store: two files in a folder, which {@link PlainImageWriter} has written for a
 * client of the sandbox. They may come from anybody; damage is found before a sandbox sees a byte.
 */
final class PlainImage implements SavedImage {
    /** The head of a store, by which a folder with other files too is known as one. */
    private static final String STORE_HEAD = "runsc-store";

    private static final int PIECE_BYTES = 1 << 20;

    /** As many pieces of memory as fit into 256 MiB. */
    private static final int RANGES_MAX = 1 << 24;

    private static final int JSON_BYTES_MAX = 64 << 20;
    private static final long MEMORY_BYTES_MAX = 1L << 57;

    private final HostFd graphFile;
    private final HostFd memoryFile;
    private final long graphBytes;
    private final long[] ranges;
    private final Map<String, String> facts = new HashMap<>();
    private final Map<String, ContainerSpec> containers = new LinkedHashMap<>();
    private List<String> cpuFeatures = List.of();
    private long memoryBytes;

    /** Whether a folder has one, and is no store. */
    static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(PlainImageWriter.GRAPH_NAME))
                && !Files.exists(folder.resolve(STORE_HEAD));
    }

    static PlainImage open(Path folder) throws IOException, ErrnoException {
        HostFd graph = openFile(folder, PlainImageWriter.GRAPH_NAME);
        HostFd memory = null;
        boolean good = false;
        try {
            memory = openFile(folder, PlainImageWriter.MEMORY_NAME);
            PlainImage image = new PlainImage(graph, memory);
            good = true;
            return image;
        } finally {
            if (!good) {
                graph.close();
                if (memory != null) {
                    memory.close();
                }
            }
        }
    }

    private static HostFd openFile(Path folder, String name) throws IOException {
        try {
            return HostTree.open(
                    folder.resolve(name).toString(), OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC, 0);
        } catch (ErrnoException e) {
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }

    /** Reads what is not graph or memory; both descriptors are this object's if it succeeds. */
    private PlainImage(HostFd graphFile, HostFd memoryFile) throws IOException, ErrnoException {
        this.graphFile = graphFile;
        this.memoryFile = memoryFile;
        long size = HostFiles.fstat(graphFile.number()).size();
        long tailAt = size - PlainImageWriter.TAIL_BYTES;
        requireGood(tailAt >= PlainImageWriter.HEAD_BYTES);
        byte[] tail = new FdInput(graphFile, tailAt, PlainImageWriter.TAIL_BYTES).readAllBytes();
        requireGood(tail.length == PlainImageWriter.TAIL_BYTES);
        ByteBuffer fields = ByteBuffer.wrap(tail);
        requireGood(fields.getLong() == PlainImageWriter.MAGIC);
        int format = fields.getInt();
        if (format != PlainImageWriter.FORMAT) {
            throw new IOException("image of format " + format + ", not " + PlainImageWriter.FORMAT);
        }
        int rangeCount = fields.getInt();
        int jsonBytes = fields.getInt();
        requireGood(rangeCount >= 0 && rangeCount <= RANGES_MAX);
        requireGood(jsonBytes >= 0 && jsonBytes <= JSON_BYTES_MAX);
        long extra = (long) rangeCount * PlainImageWriter.RANGE_BYTES + jsonBytes;
        graphBytes = tailAt - extra - PlainImageWriter.HEAD_BYTES;
        requireGood(graphBytes >= 0);
        MessageDigest digest = PlainImageWriter.newDigest();
        byte[] json;
        ranges = new long[2 * rangeCount];
        try (DataInputStream in =
                new DataInputStream(
                        new DigestInputStream(
                                new FdInput(graphFile, tailAt - extra, extra), digest))) {
            for (int i = 0; i < ranges.length; i++) {
                ranges[i] = in.readLong();
            }
            json = in.readNBytes(jsonBytes);
        }
        digest.update(tail, 0, fields.position());
        byte[] proof = new byte[fields.remaining()];
        fields.get(proof);
        requireGood(MessageDigest.isEqual(proof, digest.digest()));
        try {
            readFacts(new JsonReader("image", json));
        } catch (JsonFault e) {
            throw new IOException("the image says " + e.getMessage(), e);
        }
        checkRanges();
    }

    private static void requireGood(boolean good) throws IOException {
        if (!good) {
            throw new IOException("the image is damaged: " + PlainImageWriter.GRAPH_NAME);
        }
    }

    private void readFacts(JsonReader in) throws JsonFault {
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "memoryBytes" -> memoryBytes = in.number(0, MEMORY_BYTES_MAX);
                case "cpuFeatures" -> cpuFeatures = in.strings();
                case "containers" -> {
                    in.array();
                    while (in.nextElement()) {
                        ContainerSpec spec = SpecCodec.readContainer(in, Map.of());
                        containers.put(spec.name(), spec);
                    }
                }
                case "hook" -> facts.put(name, in.raw());
                default -> facts.put(name, in.string());
            }
        }
        in.end();
    }

    /** Pieces rise, and lie within the memory. */
    private void checkRanges() throws IOException {
        long end = 0;
        for (int i = 0; i < ranges.length; i += 2) {
            long from = ranges[i];
            long length = ranges[i + 1];
            requireGood(from >= end && length > 0 && length <= memoryBytes - from);
            end = from + length;
        }
    }

    private String fact(String name) throws IOException {
        String value = facts.get(name);
        requireGood(value != null);
        return value == null ? "" : value;
    }

    @Override
    public String label() {
        return "the image";
    }

    @Override
    public boolean isOfFiles() {
        return ImageFiles.FILE_SYSTEMS.equals(facts.get(ImageFiles.CONTENT));
    }

    @Override
    public String network() throws IOException {
        return fact("network");
    }

    @Override
    public List<String> cpuFeatures() {
        return cpuFeatures;
    }

    @Override
    public Set<String> containers(String first) {
        return containers.keySet();
    }

    @Override
    public @Nullable String difference(String id, OciSpec now, SpecConversion converted)
            throws Failure {
        ContainerSpec saved = containers.get(converted.container().name());
        if (saved == null) {
            throw new Failure(
                    "restore failed: the image has no container \""
                            + converted.container().name()
                            + "\"");
        }
        return ContainerMatch.difference(saved, converted.container());
    }

    @Override
    public @Nullable String hook() {
        return facts.get(ImageFiles.HOOK);
    }

    @Override
    public ProcessSpec firstProcess(String container) throws Failure {
        ContainerSpec spec = containers.get(container);
        if (spec == null) {
            throw new Failure("restore failed: the image has no container \"" + container + "\"");
        }
        return spec.process();
    }

    @Override
    public void loadMemory(HostFd memory) throws IOException, ErrnoException {
        HostFiles.ftruncate(memory.number(), memoryBytes);
        long all = 0;
        for (int i = 1; i < ranges.length; i += 2) {
            all += ranges[i];
        }
        AtomicLong done = new AtomicLong();
        MessageDigest digest = PlainImageWriter.newDigest();
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        try (ProgressLine _ = ProgressLine.begin("restore: memory", all, done::get)) {
            for (int i = 0; i < ranges.length; i += 2) {
                long end = ranges[i] + ranges[i + 1];
                for (long at = ranges[i]; at < end; ) {
                    int most = (int) Math.min(PIECE_BYTES, end - at);
                    int count = copy(piece, most, at, memory, digest);
                    at += count;
                    done.addAndGet(count);
                }
            }
        }
        requireSame("memorySha256", digest, PlainImageWriter.MEMORY_NAME);
    }

    private int copy(ByteBuffer piece, int most, long at, HostFd memory, MessageDigest digest)
            throws IOException, ErrnoException {
        piece.clear().limit(most);
        int count = HostFiles.pread(memoryFile.number(), piece, at);
        if (count == 0) {
            throw new IOException("the image is damaged: " + PlainImageWriter.MEMORY_NAME);
        }
        digest.update(piece.flip());
        piece.rewind();
        for (long to = at; piece.hasRemaining(); ) {
            to += HostFiles.pwrite(memory.number(), piece, to);
        }
        return count;
    }

    @Override
    public void copyGraph(FdOutput out) throws IOException {
        MessageDigest digest = PlainImageWriter.newDigest();
        try (InputStream in =
                new DigestInputStream(
                        new FdInput(graphFile, PlainImageWriter.HEAD_BYTES, graphBytes), digest)) {
            in.transferTo(out);
        }
        requireSame("graphSha256", digest, PlainImageWriter.GRAPH_NAME);
    }

    private void requireSame(String fact, MessageDigest digest, String file) throws IOException {
        if (!fact(fact).equals(HexFormat.of().formatHex(digest.digest()))) {
            throw new IOException("the image is damaged: " + file);
        }
    }

    @Override
    public void close() {
        graphFile.close();
        memoryFile.close();
    }
}
