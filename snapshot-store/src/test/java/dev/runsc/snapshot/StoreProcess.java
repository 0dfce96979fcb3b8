package dev.runsc.snapshot;

import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotManifest;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * A further process that works on a store, started by tests. It prints one line per step and goes
 * on until it is killed, unless its task says otherwise.
 */
final class StoreProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;

    private StoreProcess(Process process) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Starts a process with a task of {@link #main}. */
    static StoreProcess start(Path dir, String... task) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-Drunsc.dist=" + System.getProperty("runsc.dist", ""),
                        "-Djava.library.path=" + System.getProperty("java.library.path", ""),
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreProcess.class.getName(),
                        dir.toString());
        builder.command().addAll(List.of(task));
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        return new StoreProcess(builder.start());
    }

    /** The next line it prints; null when it has ended. */
    String line() throws IOException {
        return String.valueOf(out.readLine());
    }

    /** Kills it as {@code kill -9} does, and waits until it is gone. */
    void kill() throws InterruptedException {
        // By its handle, for that leaves what it has printed readable.
        process.toHandle().destroyForcibly();
        process.waitFor();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for its end so long at most; true when it has ended. */
    boolean endsWithin(Duration time) throws InterruptedException {
        return process.waitFor(time);
    }

    int waitFor() throws InterruptedException {
        return process.waitFor();
    }

    /** Lines that were printed and not read yet; for a process that has ended. */
    List<String> rest() {
        return out.lines().toList();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[0]);
        switch (args[1]) {
            case "save" -> save(dir, Long.parseLong(args[2]), Integer.parseInt(args[3]));
            case "churn" -> churn(dir, Long.parseLong(args[2]));
            case "restore" -> restore(dir, Integer.parseInt(args[2]));
            case "hold" -> hold(dir);
            default -> throw new IllegalArgumentException(Arrays.toString(args));
        }
    }

    /** What a snapshot of the given number holds. */
    static byte[] content(long number) {
        byte[] bytes = TestData.mixed(600_000, number % 7);
        bytes[0] = (byte) number;
        bytes[300_000] = (byte) (number >> 8);
        return bytes;
    }

    static SnapshotManifest saveOne(Path dir, long number) throws IOException {
        return TestData.save(
                dir,
                String.valueOf(number).getBytes(StandardCharsets.UTF_8),
                content(number),
                null);
    }

    private static void save(Path dir, long first, int count) throws IOException {
        System.out.println("ready");
        for (long number = first; number < first + count; number++) {
            System.out.println("saved " + saveOne(dir, number).sequence());
        }
    }

    /** Saves, deletes and collects for ever. */
    private static void churn(Path dir, long first) throws IOException {
        System.out.println("ready");
        for (long number = first; ; number++) {
            SnapshotManifest saved = saveOne(dir, number);
            System.out.println("saved " + saved.sequence());
            if (number % 3 == 2) {
                try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_WRITE)) {
                    store.delete(store.list().getFirst().id());
                    store.gc(number % 2 == 0);
                }
            }
        }
    }

    /** Restores the newest snapshot again and again, and checks all of it. */
    private static void restore(Path dir, int count) throws IOException {
        System.out.println("ready");
        for (int i = 0; i < count; i++) {
            checkNewest(dir);
            System.out.println("restored");
        }
    }

    /** Reads the newest snapshot and fails unless it is what was saved; its sequence. */
    static long checkNewest(Path dir) throws IOException {
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY)) {
            SnapshotManifest newest = store.newest();
            try (SnapshotReader reader = store.read(newest)) {
                String number =
                        new String(reader.openObjects().readAllBytes(), StandardCharsets.UTF_8);
                byte[] memory = TestData.readMapped(reader, reader.memoryRegion("ram"));
                if (!Arrays.equals(memory, content(Long.parseLong(number)))) {
                    throw new IllegalStateException("snapshot " + number + " has other bytes");
                }
            }
            return newest.sequence();
        }
    }

    /** Begins a snapshot and stays in the middle of it. */
    private static void hold(Path dir) throws IOException {
        try (SnapshotStore store = SnapshotStore.open(dir, Access.CREATE, Duration.ofSeconds(10));
                SnapshotWriter writer = store.begin()) {
            writer.objects(new ByteArrayInputStream(content(5)));
            System.out.println("holding");
            System.in.read();
        } catch (SnapshotException e) {
            System.out.println(e.getMessage());
        }
    }
}
