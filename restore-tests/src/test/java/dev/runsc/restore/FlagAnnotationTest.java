package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A container's configuration sets flags for its sandbox. */
class FlagAnnotationTest extends ScriptTest {
    private static final String PREFIX = "dev.gvisor.flag.";

    private static String[] flag(String name, String value) {
        String text = "\"" + PREFIX + name + "\": \"" + value + "\"";
        return new String[] {"\"linux\": {", "\"annotations\": {" + text + "}, \"linux\": {"};
    }

    private String[] both(String[] one, String... more) {
        String[] all = java.util.Arrays.copyOf(more, more.length + one.length);
        System.arraycopy(one, 0, all, more.length, one.length);
        return all;
    }

    @Test
    void aContainerIsTracedWhereThatIsLogged() throws Exception {
        Path log = scratch.resolve("%COMMAND%.log");
        String[] flags = {"--debug", "--debug-log=" + log, "--strace-syscalls=mkdir"};
        start(bundle("a", IDLE), "plain", flags);
        in("plain", "/bin/mkdir /srv/a");
        assertFalse(Files.readString(scratch.resolve("boot.log")).contains("mkdir("), "not asked");
        start(bundle("b", IDLE, flag("strace", "true")), "traced", flags);
        in("traced", "/bin/mkdir /srv/b");
        DebugTest.awaitText(scratch.resolve("boot.log"), "mkdir(\"/srv/b\"");
        DebugTest.awaitText(scratch.resolve("run.log"), "set by an annotation: --strace=true");
        // A checkpoint's image goes on only under the same flags, but for those of the debug log.
        Path image = scratch.resolve("image");
        runsc.call("checkpoint", "--image-path", image.toString(), "traced").expect(0);
        says(restore(bundle("a", IDLE), image, "two", flags).expect(OURS), "Annotations");
        restore(bundle("b", IDLE, flag("strace", "true")), image, "two", flags).expect(0);
        in("two", "/bin/mkdir /srv/c");
        DebugTest.awaitText(scratch.resolve("boot.log"), "mkdir(\"/srv/c\"");
    }

    @Test
    void whatOpensTheHostMustBeAllowed() throws Exception {
        Path root = Files.createDirectories(scratch.resolve("root-of-one"));
        Files.createDirectories(root.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
        String[] onRoot = {
            "\"/\", \"readonly\": false",
            "\"" + root + "\", \"readonly\": false",
            "\"/bin/sh\", \"-c\"",
            "\"/bin/busybox\", \"sh\", \"-c\""
        };
        String script = "echo written > /file";
        String bundle = bundle("a", script, both(flag("overlay2", "none"), onRoot));
        for (List<String> command : List.of(List.of("run"), List.of("create"))) {
            Runsc.Outcome refused =
                    runsc.call(command.getFirst(), "--bundle", bundle, "one").expect(OURS);
            says(refused, "annotation " + PREFIX + "overlay2");
            says(refused, "--allow-flag-override");
        }
        assertEquals(List.of(), runsc.containers());
        assertFalse(Files.exists(root.resolve("file")));
        runsc.call("--allow-flag-override", "run", "--bundle", bundle, "one").expect(0);
        assertEquals("written\n", Files.readString(root.resolve("file")));
        assertTrue(runsc.call("list", "--quiet").expect(0).out().isEmpty());
        String unknown = bundle("b", script, both(flag("nope", "1"), onRoot));
        says(
                runsc.call("--allow-flag-override", "run", "--bundle", unknown, "one").expect(OURS),
                PREFIX + "nope: there is no such flag");
    }
}
