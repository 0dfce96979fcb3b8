package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.SnapshotReader;
import dev.runsc.snapshot.SnapshotStore;
import dev.runsc.snapshot.SnapshotWriter;
import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.ByteRange;
import dev.runsc.snapshot.model.SnapshotDescription;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import dev.runsc.snapshot.model.Verification;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.jspecify.annotations.Nullable;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.SstFileWriter;
import org.rocksdb.WriteOptions;

/**
 * Prints the figures of docs/snapshot-format.md. Arguments: a directory on the disk to measure, and
 * the size in MiB. Each line is the median of its repetitions.
 */
public final class StoreBenchmark {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final int REPEAT = 5;

    private final Path dir;
    private final int size;
    private final Path memoryFile;

    private StoreBenchmark(Path dir, int size, Path memoryFile) {
        this.dir = dir;
        this.size = size;
        this.memoryFile = memoryFile;
    }

    public static void main(String[] args) throws Exception {
        Path dir = Files.createTempDirectory(Path.of(args[0]), "store-benchmark-");
        int size = Integer.parseInt(args[1]) * MIB;
        Path memoryFile = Files.createTempFile(Path.of("/dev/shm"), "store-benchmark-", "");
        try {
            StoreBenchmark benchmark = new StoreBenchmark(dir, size, memoryFile);
            benchmark.fillMemoryFile();
            benchmark.primitives();
            benchmark.compression();
            benchmark.waysToPublish();
            benchmark.chunkSizes();
            benchmark.wholeStore();
            benchmark.smallStore();
        } finally {
            deleteTree(dir);
            Files.delete(memoryFile);
        }
    }

    /** Half the pages random, half repetitive: LZ4 halves it roughly. */
    private void fillMemoryFile() throws IOException {
        Random random = new Random(1);
        byte[] page = new byte[4 * KIB];
        ByteBuffer block = ByteBuffer.allocate(MIB);
        try (FileChannel file = FileChannel.open(memoryFile, StandardOpenOption.WRITE)) {
            for (int at = 0; at < size; at += MIB) {
                block.clear();
                while (block.hasRemaining()) {
                    if (random.nextBoolean()) {
                        random.nextBytes(page);
                    } else {
                        int base = random.nextInt();
                        for (int i = 0; i < page.length; i += 4) {
                            page[i] = (byte) (base + i / 64);
                            page[i + 1] = (byte) (base >> 8);
                            page[i + 2] = 0;
                            page[i + 3] = (byte) (i / 512);
                        }
                    }
                    block.put(page);
                }
                block.flip();
                file.write(block);
            }
        }
    }

    /** Something to be timed. */
    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    private static double medianMillis(int repeat, Work before, Work work) throws Exception {
        double[] times = new double[repeat];
        for (int i = 0; i < repeat; i++) {
            before.run();
            long start = System.nanoTime();
            work.run();
            times[i] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(times);
        return times[repeat / 2];
    }

    private void rate(String what, long bytes, double millis) {
        System.out.printf("%-58s %8.2f GB/s  (%.1f ms)%n", what, bytes / millis / 1e6, millis);
    }

    private void time(String what, double millis) {
        System.out.printf("%-58s %8.2f ms%n", what, millis);
    }

    private byte[] someMemory() throws IOException {
        byte[] data = new byte[64 * MIB];
        try (FileChannel file = FileChannel.open(memoryFile)) {
            file.read(ByteBuffer.wrap(data), 0);
        }
        return data;
    }

    private void primitives() throws Exception {
        byte[] data = someMemory();
        int chunk = ChunkFormat.CHUNK_BYTES;
        Work nothing = () -> {};
        ChunkHash hash = new ChunkHash();
        MessageDigest jdk = MessageDigest.getInstance("SHA-256");
        rate(
                "SHA-256 of the JDK, one thread",
                data.length,
                medianMillis(
                        REPEAT,
                        nothing,
                        () -> {
                            for (int at = 0; at < data.length; at += chunk) {
                                jdk.update(data, at, chunk);
                                jdk.digest();
                            }
                        }));
        rate(
                "SHA-256 as used" + (NativeHash.AVAILABLE ? " (native)" : "") + ", one thread",
                data.length,
                medianMillis(
                        REPEAT,
                        nothing,
                        () -> {
                            for (int at = 0; at < data.length; at += chunk) {
                                hash.of(data, at, chunk);
                            }
                        }));
        CRC32C crc = new CRC32C();
        rate(
                "CRC-32C, one thread",
                data.length,
                medianMillis(REPEAT, nothing, () -> crc.update(data)));
        rate(
                "zero test by parts, one thread",
                data.length,
                medianMillis(
                        REPEAT,
                        nothing,
                        () -> {
                            byte[] piece = new byte[chunk];
                            for (int at = 0; at < data.length; at += chunk) {
                                System.arraycopy(data, at, piece, 0, chunk);
                                ChunkSaver.partsOf(piece, chunk, chunk / 64);
                            }
                        }));
    }

    private void compression() throws Exception {
        byte[] data = someMemory();
        int chunk = ChunkFormat.CHUNK_BYTES;
        Work nothing = () -> {};
        LZ4Compressor lz4 = NativeLibraries.lz4().fastCompressor();
        int room = lz4.maxCompressedLength(chunk);
        ByteBuffer packed = ByteBuffer.allocateDirect(data.length / chunk * room);
        int[] lengths = new int[data.length / chunk];
        rate(
                "LZ4 in, one thread",
                data.length,
                medianMillis(
                        REPEAT,
                        nothing,
                        () -> {
                            ByteBuffer source = ByteBuffer.wrap(data);
                            for (int i = 0; i < lengths.length; i++) {
                                lengths[i] =
                                        lz4.compress(
                                                source, i * chunk, chunk, packed, i * room, room);
                            }
                        }));
        System.out.printf(
                "%-58s %8.2f%n", "LZ4 ratio", (double) data.length / Arrays.stream(lengths).sum());
        LZ4SafeDecompressor unpacker = NativeLibraries.lz4().safeDecompressor();
        ByteBuffer out = ByteBuffer.allocateDirect(chunk);
        rate(
                "LZ4 out, one thread",
                data.length,
                medianMillis(
                        REPEAT,
                        nothing,
                        () -> {
                            for (int i = 0; i < lengths.length; i++) {
                                unpacker.decompress(packed, i * room, lengths[i], out, 0, chunk);
                            }
                        }));
    }

    /** The same stored chunks brought into RocksDB in several ways; rates of stored bytes. */
    private void waysToPublish() throws Exception {
        NativeLibraries.loadRocksDb();
        int value = 128 * KIB;
        int count = size / 2 / value;
        ByteBuffer content = ByteBuffer.allocateDirect(value);
        byte[] noise = new byte[value];
        new Random(2).nextBytes(noise);
        content.put(noise).flip();
        Path path = dir.resolve("ways");
        for (String way : List.of("put with log", "put without log", "table file and ingest")) {
            rate(
                    way + ", until durable",
                    (long) count * value,
                    medianMillis(
                            3,
                            () -> deleteTree(path),
                            () -> {
                                Files.createDirectories(path);
                                if (way.startsWith("put")) {
                                    put(path, count, content, way.endsWith("without log"));
                                } else {
                                    ingest(path, count, content);
                                }
                            }));
        }
        deleteTree(path);
    }

    private static void put(Path path, int count, ByteBuffer content, boolean unlogged)
            throws Exception {
        ByteBuffer key = ByteBuffer.allocateDirect(Keys.CHUNK_KEY_BYTES);
        try (Options options = DatabaseOptions.database(true);
                RocksDB rocks = RocksDB.open(options, path.resolve("db").toString());
                WriteOptions how = new WriteOptions().setDisableWAL(unlogged).setSync(false);
                FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
            for (int i = 0; i < count; i++) {
                key.clear().put(Keys.CHUNK).putLong(1).putInt(i).flip();
                rocks.put(how, key, content.duplicate());
            }
            rocks.flush(flush);
        }
    }

    private static void ingest(Path path, int count, ByteBuffer content) throws Exception {
        ByteBuffer key = ByteBuffer.allocateDirect(Keys.CHUNK_KEY_BYTES);
        String table = path.resolve("1.sst").toString();
        try (EnvOptions environment = new EnvOptions();
                Options tables = DatabaseOptions.table();
                SstFileWriter writer = new SstFileWriter(environment, tables)) {
            writer.open(table);
            for (int i = 0; i < count; i++) {
                key.clear().put(Keys.CHUNK).putLong(1).putInt(i).flip();
                writer.put(key, content.duplicate());
            }
            writer.finish();
        }
        try (Options options = DatabaseOptions.database(true);
                RocksDB rocks = RocksDB.open(options, path.resolve("db").toString());
                IngestExternalFileOptions how =
                        new IngestExternalFileOptions().setMoveFiles(true)) {
            rocks.ingestExternalFile(List.of(table), how);
        }
    }

    /** The pipeline alone, with other sizes of chunks. */
    private void chunkSizes() throws Exception {
        List<ByteRange> all = List.of(new ByteRange(0, size));
        for (int chunk : new int[] {64 * KIB, 128 * KIB, 256 * KIB, 512 * KIB, MIB}) {
            Path path = dir.resolve("chunks");
            StoreFiles files = new StoreFiles(path);
            SnapshotManifest[] saved = new SnapshotManifest[1];
            double save =
                    medianMillis(
                            3,
                            () -> deleteTree(path),
                            () -> {
                                files.createDirectories();
                                try (FileChannel memory = FileChannel.open(memoryFile);
                                        PackWriter pack = PackWriter.create(files, null)) {
                                    RangeFeed feed =
                                            new RangeFeed(ByteSource.of(memory), size, chunk, all);
                                    saved[0] =
                                            new Publisher(files, 0)
                                                    .publish(
                                                            pack,
                                                            List.of(
                                                                    ChunkSaver.save(
                                                                            pack,
                                                                            feed,
                                                                            chunk,
                                                                            0,
                                                                            StreamInfo.Kind.MEMORY,
                                                                            "ram")),
                                                            SnapshotDescription.builder().build());
                                }
                            });
            rate("chunks of " + chunk / KIB + " KiB: save", size, save);
            double load = medianMillis(REPEAT, () -> {}, () -> loadAll(path, saved[0]));
            rate("chunks of " + chunk / KIB + " KiB: load to memory file", size, load);
            System.out.printf(
                    "%-58s %8.1f MB%n",
                    "chunks of " + chunk / KIB + " KiB: stored", saved[0].newStoredBytes() / 1e6);
            deleteTree(path);
        }
    }

    private void loadAll(Path path, SnapshotManifest manifest) throws Exception {
        Path target = Files.createTempFile(Path.of("/dev/shm"), "store-benchmark-", "");
        try (SnapshotStore store = SnapshotStore.open(path, Access.READ_ONLY);
                SnapshotReader reader = store.read(manifest);
                FileChannel file =
                        FileChannel.open(
                                target, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            reader.read(reader.memoryRegion("ram"), file);
        } finally {
            Files.delete(target);
        }
    }

    private void wholeStore() throws Exception {
        Path path = dir.resolve("store");
        List<ByteRange> all = List.of(new ByteRange(0, size));
        try (FileChannel memory = FileChannel.open(memoryFile)) {
            rate(
                    "save through the descriptor, first snapshot, durable",
                    size,
                    medianMillis(
                            REPEAT, () -> deleteTree(path), () -> save(path, memory, null, all)));
            rate(
                    "save mapped memory, first snapshot, durable",
                    size,
                    medianMillis(
                            REPEAT, () -> deleteTree(path), () -> save(path, null, memory, all)));
            rate(
                    "save again, nothing new",
                    size,
                    medianMillis(REPEAT, () -> {}, () -> save(path, memory, null, all)));
        }
        loads(path);
        double verify =
                medianMillis(
                        3,
                        () -> {},
                        () -> {
                            try (SnapshotStore store = SnapshotStore.open(path, Access.READ_ONLY)) {
                                if (!store.verify().ok()) {
                                    throw new IllegalStateException("the store is not right");
                                }
                            }
                        });
        rate("verify", size, verify);
        deleteTree(path);
    }

    private void save(
            Path path,
            @Nullable FileChannel memory,
            @Nullable FileChannel mapped,
            List<ByteRange> all)
            throws Exception {
        try (SnapshotStore store = SnapshotStore.open(path, Access.CREATE);
                SnapshotWriter writer = store.begin();
                Arena arena = Arena.ofShared()) {
            if (memory != null) {
                writer.memory("ram", memory, size, all);
            }
            if (mapped != null) {
                MemorySegment segment = mapped.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
                writer.memory("ram", segment, all);
            }
            writer.publish(SnapshotDescription.builder().build());
        }
    }

    private void loads(Path path) throws Exception {
        for (Verification verification : Verification.values()) {
            try (SnapshotStore store = SnapshotStore.open(path, Access.READ_ONLY);
                    SnapshotReader reader = store.read(store.newest(), verification)) {
                StreamInfo region = reader.memoryRegion("ram");
                for (boolean mapped : new boolean[] {false, true}) {
                    List<Path> targets = new ArrayList<>();
                    double millis =
                            medianMillis(
                                    REPEAT,
                                    () -> {
                                        for (Path old : targets) {
                                            Files.delete(old);
                                        }
                                        targets.clear();
                                        targets.add(
                                                Files.createTempFile(
                                                        Path.of("/dev/shm"), "store-bench-", ""));
                                    },
                                    () -> load(reader, region, targets.getFirst(), mapped));
                    Files.delete(targets.getFirst());
                    rate(
                            "load, "
                                    + verification
                                    + (mapped
                                            ? ", into mapped memory"
                                            : ", by writing to the file"),
                            size,
                            millis);
                }
                double raw =
                        medianMillis(
                                REPEAT,
                                () -> {},
                                () -> {
                                    SnapshotReader.ChunkSource chunks = reader.chunkSource(region);
                                    for (int i = 0; i < region.chunkCount(); i++) {
                                        chunks.load(i);
                                    }
                                });
                rate("load and drop, " + verification + ", one thread", size, raw);
            }
        }
    }

    private void load(SnapshotReader reader, StreamInfo region, Path target, boolean mapped)
            throws Exception {
        try (FileChannel file =
                        FileChannel.open(
                                target, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Arena arena = Arena.ofShared()) {
            if (mapped) {
                file.write(ByteBuffer.wrap(new byte[1]), size - 1);
                reader.read(region, file.map(FileChannel.MapMode.READ_WRITE, 0, size, arena));
            } else {
                reader.read(region, file);
            }
        }
    }

    private void smallStore() throws Exception {
        Path path = dir.resolve("small");
        byte[] page = new byte[64 * KIB];
        Work save =
                () -> {
                    page[0]++;
                    try (SnapshotStore store = SnapshotStore.open(path, Access.CREATE);
                            SnapshotWriter writer = store.begin()) {
                        writer.objects(MemorySegment.ofArray(page));
                        writer.publish(SnapshotDescription.builder().build());
                    }
                };
        time("save of one chunk, new store", medianMillis(9, () -> deleteTree(path), save));
        time("save of one chunk, store exists", medianMillis(31, () -> {}, save));
        Work open =
                () -> {
                    try (SnapshotStore store = SnapshotStore.open(path, Access.READ_ONLY)) {
                        store.newest();
                    }
                };
        time("open and newest, 32 snapshots", medianMillis(31, () -> {}, open));
        for (int i = 0; i < 300; i++) {
            save.run();
        }
        time("open and newest, 332 snapshots", medianMillis(31, () -> {}, open));
        time("save of one chunk, 332 snapshots", medianMillis(31, () -> {}, save));
    }

    private static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
