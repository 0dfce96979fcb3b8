package dev.runsc.snapshot.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.snapshot.model.SnapshotDescription;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The manifest's text, and what is not taken for one. */
class ManifestJsonTest {
    private static final Path STORE = Path.of("/store");

    private static SnapshotManifest read(String text) throws SnapshotException {
        return ManifestJson.read(STORE, "id", text.getBytes(StandardCharsets.UTF_8));
    }

    private static final SnapshotManifest MANIFEST =
            new SnapshotManifest(
                    1,
                    "id",
                    7,
                    1234,
                    SnapshotDescription.builder()
                            .name("n")
                            .spec("{}")
                            .size("a", 1)
                            .stage("b", 2)
                            .annotation("c", "d")
                            .cpuFeatures(List.of("sse"))
                            .build(),
                    List.of(
                            new StreamInfo(
                                    0,
                                    StreamInfo.Kind.MEMORY,
                                    "ram",
                                    1L << 50,
                                    262144,
                                    3,
                                    700_000,
                                    2,
                                    300_000,
                                    0xfedcba98,
                                    "ab")));

    @Test
    void roundTrip() throws Exception {
        byte[] text = ManifestJson.write(MANIFEST);
        assertEquals(MANIFEST, ManifestJson.read(STORE, "id", text));
    }

    @Test
    void unknownFieldsArePassedOver() throws Exception {
        String text = new String(ManifestJson.write(MANIFEST), StandardCharsets.UTF_8);
        String more =
                text.replace("\"sequence\"", "\"new\":{\"x\":[1,{\"y\":null}]},\"sequence\"")
                        .replace("\"lengthBytes\"", "\"also\":[true],\"lengthBytes\"");
        assertEquals(MANIFEST, read(more));
    }

    @Test
    void otherVersionIsNamed() {
        String text =
                new String(ManifestJson.write(MANIFEST), StandardCharsets.UTF_8)
                        .replace("\"formatVersion\":1", "\"formatVersion\":12");
        SnapshotException e = assertThrows(SnapshotException.class, () -> read(text));
        assertEquals(Kind.FORMAT, e.kind());
        assertEquals(
                "snapshot id in /store has format version 12, this version reads 1",
                e.getMessage());
    }

    @Test
    void everyCutAndManyChangesAreRefused() {
        String text = new String(ManifestJson.write(MANIFEST), StandardCharsets.UTF_8);
        for (int length = 0; length < text.length(); length++) {
            String cut = text.substring(0, length);
            assertEquals(
                    Kind.DAMAGED,
                    assertThrows(SnapshotException.class, () -> read(cut), cut).kind());
        }
        for (String[] change :
                new String[][] {
                    {"\"formatVersion\":1", "\"formatVersion\":\"1\""},
                    {"\"formatVersion\":1,", ""},
                    {"\"formatVersion\":1,", "\"formatVersion\":99999999999,"},
                    {"\"sequence\":7", "\"sequence\":-7"},
                    {"\"sequence\":7", "\"sequence\":7e3"},
                    {"\"chunkCount\":3", "\"chunkCount\":-3"},
                    {"\"chunkCount\":3", "\"chunkCount\":3000000000"},
                    {"\"kind\":\"MEMORY\"", "\"kind\":\"DISK\""},
                    {"\"kind\":\"MEMORY\",", ""},
                    {"\"mapCrc32c\":\"fedcba98\"", "\"mapCrc32c\":\"fedcba987\""},
                    {"[\"sse\"]", "[1]"},
                    {"\"spec\":\"{}\"", "\"spec\":{}"},
                    {"\"a\":1", "\"a\":\"1\""},
                }) {
            String changed = text.replace(change[0], change[1]);
            assertTrue(!changed.equals(text), change[0]);
            assertEquals(
                    Kind.DAMAGED,
                    assertThrows(SnapshotException.class, () -> read(changed), changed).kind());
        }
    }

    @Test
    void depthAndLengthAreBounded() {
        String nested = "{\"formatVersion\":1,\"x\":" + "[".repeat(5000) + "]".repeat(5000) + "}";
        assertEquals(
                Kind.DAMAGED, assertThrows(SnapshotException.class, () -> read(nested)).kind());
        byte[] huge = new byte[ManifestJson.MAX_BYTES + 1];
        assertEquals(
                Kind.DAMAGED,
                assertThrows(SnapshotException.class, () -> ManifestJson.read(STORE, "id", huge))
                        .kind());
    }
}
