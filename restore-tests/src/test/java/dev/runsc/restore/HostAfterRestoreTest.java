package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A restored container meets another configuration and another host. */
class HostAfterRestoreTest extends ScriptTest {
    /** Writes to the root go to the host: only then its places are the host's too. */
    private static final String NO_OVERLAY = "--overlay2=none";

    private Path image(String name) {
        return scratch.resolve("image-" + name);
    }

    private void checkpoint(String id) throws Exception {
        runsc.call("checkpoint", "--image-path", image(id).toString(), id).expect(0);
    }

    @Test
    void theHostnameIsTheNewOneUnlessTheGuestHasSetIt() throws Exception {
        String[] other = {"\"hostname\": \"guest\"", "\"hostname\": \"other\""};
        start(bundle("a", IDLE), "plain");
        start(bundle("b", "hostname mine; " + IDLE), "own");
        while (!in("own", "hostname").equals(List.of("mine"))) {
            Thread.onSpinWait();
        }
        checkpoint("plain");
        checkpoint("own");
        restore(bundle("c", IDLE, other), image("plain"), "plain2").expect(0);
        assertEquals(List.of("other"), in("plain2", "hostname"));
        restore(bundle("d", "hostname mine; " + IDLE, other), image("own"), "own2").expect(0);
        assertEquals(List.of("mine"), in("own2", "hostname"));
        // What the second restore counts as the guest's is still told from the first's name.
        checkpoint("plain2");
        restore(bundle("a", IDLE), image("plain2"), "plain3").expect(0);
        assertEquals(List.of("guest"), in("plain3", "hostname"));
    }

    @Test
    void aSpecThatDiffersIsRefusedUnlessThatIsWanted() throws Exception {
        start(bundle("a", IDLE), "one");
        checkpoint("one");
        String other = bundle("b", IDLE, "\"cwd\": \"/\"", "\"cwd\": \"/srv\"");
        String message = "\"Cwd\" does not match across checkpoint restore for container";
        says(restore(other, image("one"), "two").expect(OURS), message);
        assertEquals(List.of("one"), runsc.containers(), "nothing is left of it");
        Outcome warned =
                restore(other, image("one"), "two", "--restore-spec-validation=warning").expect(0);
        says(warned, "warning: " + message);
        Outcome silent =
                restore(other, image("one"), "three", "--restore-spec-validation=ignore").expect(0);
        assertEquals(List.of(), silent.err());
        assertEquals(List.of("/"), in("three", "readlink /proc/1/cwd"), "as it was saved");
    }

    @Test
    void programsThatWereExecutedAreGone() throws Exception {
        String bundle = bundle("a", "sleep 1111 & wait");
        start(bundle, "one");
        try (Command client = runsc.start("exec", "one", "sh", "-c", "echo up; sleep 2222; :")) {
            client.awaitLine(line -> line.equals("up"));
            runsc.callInto(
                            Files.createFile(scratch.resolve("out")),
                            "exec",
                            "--detach",
                            "one",
                            "sleep",
                            "3333")
                    .expect(0);
            String all = in("one", "ps ax").toString();
            assertTrue(all.contains("sleep 1111") && all.contains("sleep 3333"), all);
            checkpoint("one");
            assertEquals(OURS, client.awaitEnd().status());
        }
        restore(bundle, image("one"), "two").expect(0);
        while (in("two", "ps ax").toString().contains("3333")) {
            Thread.onSpinWait();
        }
        String left = in("two", "ps ax").toString();
        assertTrue(left.contains("sleep 1111"), left);
        assertFalse(left.contains("echo up"), left);
    }

    /** A copy of the tree has other file numbers, and no places that only mounts needed. */
    @Test
    void mountsFindTheirPlacesInANewRoot() throws Exception {
        Path root = Files.createDirectories(scratch.resolve("root-of-one"));
        Path data = Files.createDirectories(scratch.resolve("data"));
        Files.writeString(data.resolve("file"), "from the host\n");
        Files.createDirectories(root.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
        Files.createDirectory(root.resolve("here"));
        String[] changes = {
            "\"/\", \"readonly\": false",
            "\"" + root + "\", \"readonly\": false",
            "\"cwd\": \"/\"",
            "\"cwd\": \"/here\"",
            "\"/bin/sh\",",
            "\"busybox\", \"sh\",",
            "PATH=/usr/bin:/bin",
            "PATH=/bin",
            MOUNTS_END,
            further(
                    bind(data, "/made/deep", "\"rbind\"")
                            + bind(data.resolve("file"), "/made/single", "\"rbind\"")
                            + "{\"destination\": \"/memory\", \"type\": \"tmpfs\"}")
        };
        String script = "while :; do busybox usleep 100000; done";
        start(bundle("a", script, changes), "one", NO_OVERLAY);
        busybox("one", "echo kept > /memory/file; echo changed > /here/file");
        checkpoint("one");
        Path copy = scratch.resolve("root-of-two");
        Files.createDirectories(copy.resolve("bin"));
        Files.copy(root.resolve("bin/busybox"), copy.resolve("bin/busybox"));
        Files.createDirectory(copy.resolve("here"));
        Files.copy(root.resolve("here/file"), copy.resolve("here/file"));
        changes[1] = "\"" + copy + "\", \"readonly\": false";
        String bundle = bundle("b", script, changes);
        restore(bundle, image("one"), "two", NO_OVERLAY).expect(0);
        assertEquals(
                List.of("from the host", "from the host", "kept", "changed", "/here"),
                busybox(
                        "two",
                        "cat /made/deep/file; cat /made/single; cat /memory/file;"
                                + " cat /proc/1/cwd/file; readlink /proc/1/cwd"));
        assertTrue(Files.isDirectory(copy.resolve("made/deep")));
        // A file where a directory was cannot be a place for it.
        runsc.call("delete", "--force", "two").expect(0);
        Files.delete(copy.resolve("memory"));
        Files.createFile(copy.resolve("memory"));
        Outcome refused = restore(bundle, image("one"), "three", NO_OVERLAY).expect(OURS);
        assertEquals(1, refused.err().size(), refused::toString);
    }

    private List<String> busybox(String id, String script) throws Exception {
        String prepared = script.replaceAll("\\b(cat|readlink) ", "busybox $1 ");
        return runsc.call("exec", id, "busybox", "sh", "-c", prepared).expect(0).out();
    }
}
