package dev.runsc.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.runsc.state.StateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What an image may hold. A change of the golden file ({@code -Dgolden.update}) is a change of the
 * format: a type that images in the world already hold gets a new version and an upgrade with it.
 */
final class KernelSchemaTest {
    private static final Path GOLDEN =
            Path.of(
                    System.getProperty("runsc.root", ".."),
                    "kernel/src/test/resources/golden/state-schema.txt");

    @Test
    void theSchemaIsAsTheGoldenFileSays() throws IOException, StateException {
        String schema = KernelSchema.SCHEMA.describe();
        if (System.getProperty("golden.update") != null) {
            Files.writeString(GOLDEN, schema);
            return;
        }
        assertEquals(Files.readString(GOLDEN), schema);
    }

    @Test
    void everythingReachableIsRegistered() {
        List<String> problems = KernelSchema.SCHEMA.verifyReachable(SandboxState.class);
        assertEquals("", String.join("\n", problems));
    }
}
