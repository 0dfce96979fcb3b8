package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What containers of a snapshot had changed in their roots, without running them. */
class ExtractTest extends ScriptTest {
    /** All kinds of files and changes; a name and a link that headers have no room for. */
    private static final String FILL =
            """
            mkdir -p /made/deep; echo hello > /made/file; ln /made/file /made/deep/hard
            ln -s file /made/link; mkfifo -m 600 /made/fifo; truncate -s 5M /made/hole
            head -c 3000000 /dev/urandom > /made/large; touch -d 1960-01-01 /made/old
            long=$(head -c 200 /dev/zero | tr '\\0' n); echo > /made/$long; ln -s $long /made/to
            rm /etc/hostname; rm -r /usr/share/doc; mkdir /usr/share/doc; echo n > /usr/share/doc/n
            chmod 4711 /made/file; mv /etc/passwd /etc/moved
            """;

    private Outcome extract(Path image, Path archive, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("tar", "rootfs-upper", "--image-path"));
        words.addAll(List.of(image.toString(), "--file", archive.toString()));
        words.addAll(List.of(more));
        return runsc.call(words.toArray(String[]::new));
    }

    private void archivesAreSame(Path one, Path other) throws Exception {
        assertTrue(Files.size(one) > 0);
        assertEquals(-1, Files.mismatch(one, other), one + " and " + other);
    }

    @Test
    void isWhatTheRunningContainerGave() throws Exception {
        Path lines = Files.createDirectory(scratch.resolve("lines"));
        String script = "while :; do echo >> /mnt/ran; sleep 0.05; done";
        String mount = further(bind(lines, "/mnt", "\"rw\""));
        String bundle = bundle("a", script, MOUNTS_END, mount);
        start(bundle, "one");
        in("one", FILL);
        in("one", Bundle.hostProgram("mark") + " /made/file user.a value");
        Path live = scratch.resolve("live.tar");
        runsc.call("tar", "rootfs-upper", "--file", live.toString(), "one").expect(0);
        Path store = scratch.resolve("store");
        runsc.call("checkpoint", "--image-path", store.toString(), "--snapshot", "s", "one")
                .expect(0);
        runsc.call("delete", "one").expect(0);
        // Neither its configuration nor the files below are needed.
        HostClient.call(List.of("rm", "-r", bundle)).expect(0);
        long ran = Files.size(lines.resolve("ran"));
        Path saved = scratch.resolve("saved.tar");
        extract(store, saved).expect(0);
        archivesAreSame(live, saved);
        assertTrue(Files.readString(saved, StandardCharsets.ISO_8859_1).contains("xattr.user.a=v"));
        extract(store, saved, "--snapshot", "s", "__no_name_0").expect(0);
        archivesAreSame(live, saved);
        assertEquals(ran, Files.size(lines.resolve("ran")), "nothing has run");
        assertEquals(List.of(), runsc.containers());
        Path other = scratch.resolve("other.tar");
        says(extract(store, other, "none").expect(OURS), "__no_name_0 and not \"none\"");
        says(extract(store, other, "--snapshot", "t").expect(OURS), "t");
        says(extract(scratch.resolve("none"), other).expect(OURS), "none");
        says(
                runsc.call("tar", "rootfs-upper", "--image-path", store.toString()).expect(OURS),
                "--file is required");
        assertFalse(Files.exists(other), "no archive where there is nothing to write");
    }

    @Test
    void containersOfAPodAreNamed() throws Exception {
        Map<String, String> first =
                Map.of(
                        "io.kubernetes.cri.container-type", "sandbox",
                        "io.kubernetes.cri.sandbox-id", "pod");
        Map<String, String> second =
                Map.of(
                        "io.kubernetes.cri.container-type", "container",
                        "io.kubernetes.cri.sandbox-id", "pod",
                        "io.kubernetes.cri.container-name", "two");
        Path one = Bundle.writePod(scratch.resolve("first"), first, null, List.of(), IDLE);
        Path two = Bundle.writePod(scratch.resolve("second"), second, null, List.of(), IDLE);
        start(one.toString(), "pod");
        start(two.toString(), "two");
        in("two", "echo kept > /kept");
        Path live = scratch.resolve("live.tar");
        runsc.call("tar", "rootfs-upper", "--file", live.toString(), "two").expect(0);
        Path store = scratch.resolve("store");
        runsc.call("checkpoint", "--image-path", store.toString(), "two").expect(0);
        Path saved = scratch.resolve("saved.tar");
        says(extract(store, saved).expect(OURS), "two: which?");
        extract(store, saved, "two").expect(0);
        archivesAreSame(live, saved);
    }

    @Test
    void rootsWithoutALayerAreRefused() throws Exception {
        start(bundle("a", IDLE), "one", "--overlay2", "none");
        Path store = scratch.resolve("store");
        runsc.call("checkpoint", "--image-path", store.toString(), "one").expect(0);
        Outcome refused = extract(store, scratch.resolve("saved.tar")).expect(OURS);
        says(refused, "has no overlay");
    }
}
