package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Wrong arguments, wrong bundles and damaged stores: one line says what is wrong, and nothing
 * stays.
 */
class BadInputTest {
    /** The exit code of our own failures. */
    private static final int OURS = 128;

    @TempDir Path scratch;

    private Runsc runsc;
    private Path bundle;

    @BeforeEach
    void prepare() throws Exception {
        runsc = new Runsc(scratch);
        bundle = Bundle.write(scratch.resolve("bundle"), List.of("/guest/counter"));
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
    }

    /** The command fails with one line that has these words in it, and leaves no container. */
    private void refuses(String words, String... arguments) throws Exception {
        List<String> before = runsc.containers();
        Outcome outcome = runsc.call(arguments).expect(OURS);
        isOneLine(outcome, words);
        assertEquals(before, runsc.containers());
    }

    private static void isOneLine(Outcome outcome, String words) {
        assertEquals(List.of(), outcome.out(), outcome::toString);
        assertEquals(1, outcome.err().size(), outcome::toString);
        assertTrue(outcome.err().getFirst().contains(words), outcome::toString);
    }

    private String bundle(String name, String config) throws IOException {
        Path folder = Files.createDirectories(scratch.resolve(name));
        Files.writeString(folder.resolve("config.json"), config);
        return folder.toString();
    }

    @Test
    void bundlesThatAreNone() throws Exception {
        String missing = scratch.resolve("missing").toString();
        refuses("config.json", "run", "--bundle", missing, "x");
        String empty = Files.createDirectories(scratch.resolve("empty")).toString();
        refuses("config.json", "run", "--bundle", empty, "x");
        refuses("JSON", "run", "--bundle", bundle("cut", "{\"process\": "), "x");
        refuses("JSON", "create", "--bundle", bundle("text", "no JSON at all"), "x");
        refuses("", "run", "--bundle", bundle("list", "[]"), "x");
        refuses("", "run", "--bundle", bundle("bare", "{}"), "x");
        String config = Bundle.config(List.of("/guest/counter"));
        String rootless = config.replaceFirst("\"path\": \"[^\"]*\"", "\"path\": \"nowhere\"");
        refuses("nowhere", "run", "--bundle", bundle("rootless", rootless), "x");
    }

    @Test
    void programsThatAreNotThere() throws Exception {
        String missing = bundle("missing", Bundle.config(List.of("/no/such/program")));
        refuses("/no/such/program", "run", "--bundle", missing, "x");
        refuses("/no/such/program", "create", "--bundle", missing, "x");
        String folder = bundle("folder", Bundle.config(List.of("/guest")));
        refuses("/guest", "run", "--bundle", folder, "x");
        String none = bundle("none", Bundle.config(List.of()));
        refuses("args", "run", "--bundle", none, "x");
    }

    @Test
    void namesThatAreNone() throws Exception {
        for (String id : List.of("a/b", "../up", "", "a b", "x".repeat(2000))) {
            refuses("id", "run", "--bundle", bundle.toString(), id);
        }
        refuses("does not exist", "state", "nobody");
        refuses("does not exist", "kill", "nobody");
        refuses("does not exist", "delete", "nobody");
        refuses("does not exist", "checkpoint", "--image-path", scratch + "/image", "nobody");
        assertFalse(Files.exists(scratch.resolve("image")), "a store for nothing");
        refuses("unknown command", "frobnicate");
        refuses("--frobnicate", "run", "--frobnicate", "x");
        refuses("image-path", "checkpoint", "nobody");
        refuses("image-path", "restore", "nobody");
    }

    @Test
    void aNameInUse() throws Exception {
        try (Counter first = Counter.run(runsc, bundle, "one").count(5)) {
            refuses("already exists", "run", "--bundle", bundle.toString(), "one");
            refuses("already exists", "create", "--bundle", bundle.toString(), "one");
            refuses("not stopped", "delete", "one");
            first.count(50); // undisturbed
            runsc.call("kill", "one", "KILL").expect(0);
            first.awaitEnd();
        }
    }

    @Test
    void storesThatAreNone() throws Exception {
        refuseImage("does not exist", scratch.resolve("missing"));
        refuseImage("no snapshot", Files.createDirectories(scratch.resolve("empty")));
        refuseImage("file", Files.writeString(scratch.resolve("file"), "text"));
        try (Counter first = Counter.run(runsc, bundle, "one").count(5)) {
            String file = scratch.resolve("file").toString();
            refuses("file", "checkpoint", "--image-path", file, "one");
            first.count(50);
            Path image = scratch.resolve("image");
            runsc.call("checkpoint", "--image-path", image.toString(), "one").expect(0);
            first.awaitEnd();
            refuses("lost", restoring(image, "--snapshot", "lost", "two"));
            otherFormat(image);
            refuseImage("format", image);
        }
    }

    private void refuseImage(String words, Path image) throws Exception {
        refuses(words, restoring(image, "two"));
    }

    private String[] restoring(Path image, String... rest) {
        List<String> words = new ArrayList<>(List.of("restore", "--bundle", bundle.toString()));
        words.addAll(List.of("--image-path", image.toString()));
        words.addAll(List.of(rest));
        return words.toArray(String[]::new);
    }

    /** Makes the store one of a later version, its checksum right. */
    private static void otherFormat(Path image) throws IOException {
        Path head = image.resolve("runsc-store");
        String text = Files.readString(head);
        String body =
                text.substring(0, text.indexOf("crc32c")).replaceFirst("format 1", "format 99");
        CRC32C sum = new CRC32C();
        sum.update(body.getBytes(StandardCharsets.US_ASCII));
        Files.writeString(head, body + String.format("crc32c %08x%n", sum.getValue()));
    }

    /** Whatever is damaged, restore refuses, or brings back exactly what was saved. */
    @Test
    void damagedStores() throws Exception {
        Path good = scratch.resolve("good");
        long last;
        try (Counter first = Counter.run(runsc, bundle, "one").count(20)) {
            runsc.call("checkpoint", "--image-path", good.toString(), "one").expect(0);
            first.awaitEnd();
            last = first.last();
        }
        int refused = 0;
        DamagedStores damage = new DamagedStores(good, scratch.resolve("damaged"));
        while (damage.next()) {
            refused += restoresOrRefuses(damage.store(), last, damage.toString()) ? 0 : 1;
        }
        assertTrue(refused >= 4, "hardly any damage was seen: " + refused);
    }

    private boolean restoresOrRefuses(Path image, long last, String what) throws Exception {
        try (Counter counter = Counter.restore(runsc, bundle, image, "two")) {
            String line = counter.command().nextLine();
            if (line != null) {
                assertTrue(line.startsWith("count " + (last + 1) + " "), what + ": " + line);
                counter.count(20);
                runsc.call("kill", "two", "KILL").expect(0);
                counter.awaitEnd();
                return true;
            }
            Outcome outcome = counter.awaitEnd();
            assertEquals(OURS, outcome.status(), () -> what + ": " + outcome);
            assertEquals(1, outcome.err().size(), () -> what + ": " + outcome);
            assertEquals(List.of(), runsc.containers(), what);
            return false;
        }
    }
}
