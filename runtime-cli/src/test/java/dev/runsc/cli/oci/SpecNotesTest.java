package dev.runsc.cli.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.base.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is passed over is named. */
class SpecNotesTest {
    private static OciSpec spec(String linux, String process) throws Failure {
        String json =
                "{\"root\": {\"path\": \"r\"}, \"process\": {\"args\": [\"a\"]"
                        + process
                        + "}, \"linux\": "
                        + linux
                        + "}";
        return OciReader.read("spec", json.getBytes(UTF_8));
    }

    @Test
    void aPlainSpecHasNone() throws Failure {
        OciSpec spec =
                spec(
                        "{\"namespaces\": [{\"type\": \"pid\"}], \"rootfsPropagation\": \"rslave\","
                                + " \"personality\": {\"domain\": \"LINUX\"},"
                                + " \"devices\": [{\"path\": \"/dev/null\", \"type\": \"c\", \"major\": 1, \"minor\": 3}]}",
                        "");
        assertEquals(List.of(), SpecNotes.passedOver(spec));
    }

    @Test
    void everythingElseIsNamed() throws Failure {
        OciSpec spec =
                spec(
                        "{\"rootfsPropagation\": \"shared\","
                                + " \"devices\": [{\"path\": \"/dev/fuse\", \"type\": \"c\"}],"
                                + " \"namespaces\": [{\"type\": \"user\"},"
                                + " {\"type\": \"ipc\", \"path\": \"/n\"}],"
                                + " \"intelRdt\": {}, \"personality\": {\"domain\": \"LINUX32\"}}",
                        ", \"apparmorProfile\": \"p\"");
        List<String> notes = SpecNotes.passedOver(spec);
        for (String name :
                List.of(
                        "linux.uidMappings",
                        "linux.rootfsPropagation \"shared\"",
                        "/dev/fuse",
                        "the ipc namespace /n",
                        "linux.intelRdt",
                        "LINUX32",
                        "process.apparmorProfile")) {
            assertTrue(notes.stream().anyMatch(note -> note.contains(name)), name + notes);
        }
        assertEquals(7, notes.size(), notes.toString());
    }
}
