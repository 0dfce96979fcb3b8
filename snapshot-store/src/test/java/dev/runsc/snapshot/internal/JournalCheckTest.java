package dev.runsc.snapshot.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.snapshot.SnapshotStore;
import dev.runsc.snapshot.SnapshotWriter;
import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.SnapshotDescription;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damage in RocksDB's manifest, which it would not survive or notice itself. */
@Timeout(60)
class JournalCheckTest {
    @TempDir Path temp;

    private StoreFiles files = new StoreFiles(Path.of(""));
    private Path manifest = Path.of("");
    private byte[] good = {};

    @BeforeEach
    void oneSnapshot() throws IOException {
        files = new StoreFiles(temp.resolve("store"));
        try (SnapshotStore store = SnapshotStore.open(files.dir(), Access.CREATE);
                SnapshotWriter writer = store.begin()) {
            writer.publish(SnapshotDescription.builder().build());
        }
        String name = Files.readString(files.database().resolve("CURRENT")).strip();
        manifest = files.database().resolve(name);
        good = Files.readAllBytes(manifest);
    }

    private SnapshotException opening() {
        SnapshotException e =
                assertThrows(
                        SnapshotException.class,
                        () -> SnapshotStore.open(files.dir(), Access.READ_ONLY).close());
        assertEquals(Kind.DAMAGED, e.kind(), e.toString());
        return e;
    }

    @Test
    void wholeJournalPasses() throws Exception {
        JournalCheck.check(files);
        // Space that was set aside and never written is zero.
        Files.write(manifest, Arrays.copyOf(good, 3 * good.length));
        JournalCheck.check(files);
        SnapshotStore.open(files.dir(), Access.READ_ONLY).close();
    }

    @Test
    void recordTypeThatRocksDbNeverReturnsFrom() throws Exception {
        byte[] bad = good.clone();
        bad[6] |= (byte) 0x80;
        Files.write(manifest, bad);
        assertTrue(String.valueOf(opening().getMessage()).contains("bad record at byte 0"));
    }

    @Test
    void lostTailShowsInTheGeneration() throws Exception {
        int found = 0;
        for (int cut = 1; cut < good.length; cut++) {
            Files.write(manifest, Arrays.copyOf(good, good.length - cut));
            try (SnapshotStore store = SnapshotStore.open(files.dir(), Access.READ_ONLY)) {
                // The last records only say which log is next.
                assertEquals(1, store.newest().sequence());
            } catch (SnapshotException e) {
                assertEquals(Kind.DAMAGED, e.kind(), e.toString());
                found++;
            }
        }
        assertTrue(found > good.length / 2);
    }

    @Test
    void currentMustNameAManifest() throws Exception {
        Path current = files.database().resolve("CURRENT");
        for (String text : new String[] {"", "MANIFEST-000001", "../x\n", "MANIFEST-999999\n"}) {
            Files.writeString(current, text);
            opening();
        }
        Files.write(current, new byte[1000]);
        opening();
    }

    @Test
    void everyPieceMustFit() throws Exception {
        for (int type = 2; type <= 4; type++) {
            byte[] bad = good.clone();
            bad[6] = (byte) type;
            Files.write(manifest, bad);
            opening();
        }
        byte[] bad = good.clone();
        bad[5] = (byte) 0xff;
        Files.write(manifest, bad);
        opening();
    }
}
