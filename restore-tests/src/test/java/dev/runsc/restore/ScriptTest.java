package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests with containers that run shell scripts on the host's root begin and end with. */
abstract class ScriptTest {
    /** What a command of ours ends with that could not do its work. */
    static final int OURS = 128;

    /** A program that a test ends. */
    static final String IDLE = "exec sleep 1000";

    @TempDir Path scratch;

    Runsc runsc;

    @BeforeEach
    void prepare() throws Exception {
        runsc = new Runsc(scratch);
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
    }

    /**
     * Writes a bundle, with an empty /srv, that runs a script on the host's root.
     *
     * @param changes pairs: a text of the configuration and what stands there instead
     */
    String bundle(String name, String script, String... changes) throws IOException {
        Path folder = scratch.resolve(name);
        Bundle.writeHost(folder, "/srv", List.of("/bin/sh", "-c", script));
        return change(folder, changes);
    }

    /**
     * A bundle on busybox for other runtimes too: the host may not have all the capabilities that
     * ours would give.
     */
    static String busybox(Path scratch, String... changes) throws IOException {
        Path root = scratch.resolve("rootfs");
        if (!Files.exists(root)) {
            new HostClient(scratch).busybox();
            for (String place : List.of("proc", "dev", "tmp", "srv")) {
                Files.createDirectory(root.resolve(place));
            }
        }
        Path folder = Bundle.write(scratch.resolve("bundle"), List.of("sleep", "1000"));
        Path config = folder.resolve("config.json");
        String text = Files.readString(config);
        Files.writeString(
                config, text.replaceFirst("(?s)\"capabilities\": \\{.*?}", "\"capabilities\": {}"));
        change(folder, Bundle.guestRoot().toString(), root.toString(), "PATH=/guest", "PATH=/bin");
        return change(folder, changes);
    }

    static String change(Path bundle, String... changes) throws IOException {
        Path file = bundle.resolve("config.json");
        String config = Files.readString(file);
        for (int i = 0; i < changes.length; i += 2) {
            assertTrue(config.contains(changes[i]), changes[i]);
            config = config.replace(changes[i], changes[i + 1]);
        }
        Files.writeString(file, config);
        return bundle.toString();
    }

    /** A mount of a folder or file of the host, for a configuration. */
    static String bind(Path source, String place, String options) {
        return "{\"destination\": \"%s\", \"type\": \"bind\", \"source\": \"%s\", \"options\": [%s]}, "
                .formatted(place, source, options);
    }

    /** What {@link #bundle} replaces to get mounts behind the usual ones. */
    static final String MOUNTS_END = "\"source\": \"tmpfs\"}\n  ],";

    static String further(String mounts) {
        return "\"source\": \"tmpfs\"},\n" + mounts.strip().replaceFirst(",$", "") + "\n  ],";
    }

    /** Runs a bundle in the background; what it says goes nowhere. */
    void start(String bundle, String id, String... globalFlags) throws Exception {
        background(List.of("run", "--detach", "--bundle", bundle, id), globalFlags).expect(0);
    }

    Outcome restore(String bundle, Path image, String id, String... globalFlags) throws Exception {
        return background(
                List.of(
                        "restore",
                        "--detach",
                        "--bundle",
                        bundle,
                        "--image-path",
                        image.toString(),
                        id),
                globalFlags);
    }

    private Outcome background(List<String> words, String... globalFlags) throws Exception {
        List<String> all = new java.util.ArrayList<>(List.of(globalFlags));
        all.addAll(words);
        Path output = Files.createTempFile(scratch, "output", "");
        return runsc.callInto(output, all.toArray(String[]::new));
    }

    /** Runs a script in a container that runs; its output, when it ends well. */
    List<String> in(String id, String script) throws Exception {
        return runsc.call("exec", id, "sh", "-c", script).expect(0).out();
    }

    static void says(Outcome outcome, String text) {
        assertTrue(
                (outcome.out().toString() + outcome.err()).contains(text),
                () -> text + " is not in " + outcome);
    }

    /** Waits until a file that another process writes is there and has a text in it. */
    static void awaitText(Path file, String text) throws IOException, InterruptedException {
        Path folder = Objects.requireNonNull(file.getParent());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Command.PATIENCE_SECONDS);
        try (WatchService changes = folder.getFileSystem().newWatchService()) {
            folder.register(
                    changes,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY);
            while (!has(file, text)) {
                assertTrue(System.nanoTime() < deadline, () -> "no \"" + text + "\" in " + file);
                WatchKey key = changes.poll(1, TimeUnit.SECONDS);
                if (key != null) {
                    key.pollEvents();
                    key.reset();
                }
            }
        }
    }

    /** The end of the file may be half a character. */
    private static boolean has(Path file, String text) throws IOException {
        return Files.exists(file)
                && new String(Files.readAllBytes(file), StandardCharsets.UTF_8).contains(text);
    }
}
