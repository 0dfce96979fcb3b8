package dev.runsc.cli.launch;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** How the containers of a sandbox have ended, once it is gone: it leaves word in a file. */
public final class EndStatuses {
    private static final String SUFFIX = ".ends";

    /** A sandbox has no more than 256 containers, whose ids are short. */
    private static final int BYTES_MAX = 1 << 17;

    private EndStatuses() {}

    /** The file of a sandbox, beside its control socket. */
    public static Path file(Path controlSocket) {
        return controlSocket.resolveSibling(controlSocket.getFileName() + SUFFIX);
    }

    /** The wait status of a container; null when the sandbox could not say. */
    public static @Nullable Integer find(Path controlSocket, String id) throws Failure {
        Path file = file(controlSocket);
        try (InputStream bytes = Files.newInputStream(file)) {
            byte[] text = bytes.readNBytes(BYTES_MAX);
            return text.length == 0 ? null : find(new JsonReader(file.toString(), text), id);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException | JsonFault e) {
            throw new Failure("how \"" + id + "\" has ended: " + Failure.reason(e), e);
        }
    }

    private static @Nullable Integer find(JsonReader in, String id) throws JsonFault {
        Integer status = null;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            int each = in.integer(0, 0xffff);
            if (name.equals(id)) {
                status = each;
            }
        }
        return status;
    }

    /** Deletes what a sandbox leaves. */
    public static void delete(Path controlSocket) throws IOException {
        Files.deleteIfExists(file(controlSocket));
    }
}
