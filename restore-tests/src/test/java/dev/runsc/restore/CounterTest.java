package dev.runsc.restore;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests with containers that count begin with and end with. */
abstract class CounterTest {
    @TempDir Path scratch;

    Runsc runsc;
    Path bundle;
    Path image;

    @BeforeEach
    void prepare() throws Exception {
        runsc = new Runsc(scratch);
        bundle = Bundle.write(scratch.resolve("bundle"), List.of("/guest/counter"));
        image = scratch.resolve("image");
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
    }
}
