package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A program of the container runs in it before a save and after it, on both sides. */
class SaveHookTest extends ScriptTest {
    private static final String PREFIX = "dev.gvisor.internal.checkpoint.";
    private static final String MODE = "$GVISOR_SAVE_RESTORE_AUTO_EXEC_MODE";

    /** Without an end for a save, and only then. */
    private static final String HANGS = "[ " + MODE + " != save ] || exec sleep 2222";

    /** Fails after a restore. */
    private static final String FAILS_LATER = "[ " + MODE + " != restore ] || exit 5";

    private Path folder() {
        return scratch.resolve("hooks");
    }

    private String hooked(String name, String script, String... more) throws Exception {
        List<String> changes = new ArrayList<>(List.of(more));
        changes.add(MOUNTS_END);
        changes.add(further(bind(folder(), "/mnt", "\"rw\"")));
        return bundle(name, script, changes.toArray(String[]::new));
    }

    /** Writes the program: it says when it ran, and does more. */
    private void write(String more) throws Exception {
        Files.createDirectories(folder());
        Path program = folder().resolve("hook");
        String say = "echo \"" + MODE + " $WHO $# $2 $(readlink /proc/self/cwd)\" >> /mnt/log\n";
        Files.writeString(program, "#!/bin/sh\n" + say + more + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private List<String> log() throws Exception {
        return Files.readAllLines(folder().resolve("log"));
    }

    private Path store() {
        return scratch.resolve("store");
    }

    private Outcome checkpoint(String id, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("checkpoint"));
        words.addAll(List.of("--image-path", store().toString()));
        words.addAll(List.of("--save-restore-exec-argv", "/mnt/hook  a b"));
        words.addAll(List.of(more));
        words.add(id);
        return runsc.call(words.toArray(String[]::new));
    }

    private static String[] who(String name) {
        return new String[] {"\"env\": [", "\"env\": [\"WHO=" + name + "\", "};
    }

    @Test
    void runsOnBothSides() throws Exception {
        write("");
        String bundle = hooked("a", "cd /tmp; " + IDLE, who("me"));
        start(bundle, "one");
        checkpoint("one", "--leave-running").expect(0);
        assertEquals(List.of("save me 2 b /", "resume me 2 b /"), log());
        assertEquals("[/tmp]", in("one", "readlink /proc/1/cwd").toString());
        checkpoint("one").expect(0);
        assertEquals("save me 2 b /", log().getLast());
        assertEquals(3, log().size());
        restore(bundle, store(), "two").expect(0);
        assertEquals(List.of("restore me 2 b /"), log().subList(3, log().size()));
        String into = hooked("b", "cd /tmp; " + IDLE, who("me"));
        runsc.callInto(
                        Files.createFile(scratch.resolve("three")),
                        "create",
                        "--bundle",
                        into,
                        "three")
                .expect(0);
        runsc.call("restore", "-d", "--image-path", store().toString(), "three").expect(0);
        assertEquals(5, log().size(), "runs for a container that was created before, too");
        // The next save of the same sandbox says anew what is to run.
        String image = scratch.resolve("plain").toString();
        runsc.call("checkpoint", "--image-path", image, "two").expect(0);
        restore(bundle, Path.of(image), "four").expect(0);
        assertEquals(5, log().size());
    }

    @Test
    void aSaveThatItRefusesIsNone() throws Exception {
        write("exit 3");
        String bundle = hooked("a", IDLE);
        start(bundle, "one");
        says(
                checkpoint("one").expect(OURS),
                "the program for \"save\" in \"one\" has ended with 3");
        assertEquals(1, log().size());
        restore(bundle, store(), "two").expect(OURS);
        assertEquals(List.of("here"), in("one", "echo here"), "it goes on");
        write(HANGS);
        Outcome late = checkpoint("one", "--save-restore-exec-timeout", "300ms").expect(OURS);
        says(late, "was killed after 300 ms");
        assertFalse(in("one", "ps ax").toString().contains("2222"), "nothing is left");
        Files.delete(folder().resolve("hook"));
        says(checkpoint("one").expect(OURS), "did not run");
        for (String bad : List.of("0", "soon", "-1s")) {
            says(checkpoint("one", "--save-restore-exec-timeout", bad).expect(OURS), bad);
        }
        runsc.call("pause", "one").expect(0);
        says(checkpoint("one").expect(OURS), "in state paused");
        runsc.call("resume", "one").expect(0);
        write("");
        checkpoint("one").expect(0);
        restore(bundle, store(), "two").expect(0);
        assertTrue(log().getLast().startsWith("restore"), log()::toString);
    }

    @Test
    void aRestoreThatItRefusesIsNone() throws Exception {
        write(FAILS_LATER);
        String bundle = hooked("a", IDLE);
        start(bundle, "one");
        checkpoint("one").expect(0);
        Outcome refused = restore(bundle, store(), "two").expect(OURS);
        says(refused, "the program for \"restore\" in \"two\" has ended with 5");
        assertEquals(List.of("one"), runsc.containers(), "nothing is left of it");
        write("[ " + MODE + " != resume ] || exit 6");
        restore(bundle, store(), "two").expect(0);
        Outcome after = checkpoint("two", "--leave-running").expect(OURS);
        says(after, "is saved, but the program for \"resume\" in \"two\" has ended with 6");
        assertEquals(List.of("here"), in("two", "echo here"), "it goes on");
        restore(bundle, store(), "three").expect(0);
    }

    /** What it did is undone when the save fails later. */
    @Test
    void isToldOfASaveThatFails() throws Exception {
        write("");
        start(hooked("a", IDLE), "one");
        Files.createFile(store());
        checkpoint("one").expect(OURS);
        awaitText(folder().resolve("log"), "resume");
        assertEquals(2, log().size());
    }

    @Test
    void programsThatAskHaveItByAnnotation() throws Exception {
        write("");
        String annotations =
                "\"annotations\": {\"@enable\": \"true\", \"@path\": \"STORE\", \"@resume\": \"true\","
                        + " \"@save-restore-exec-argv\": \"/mnt/hook x\","
                        + " \"@save-restore-exec-timeout\": \"1m\"}, \"linux\": {";
        String[] change = {
            "\"linux\": {", annotations.replace("@", PREFIX).replace("STORE", store().toString())
        };
        String bundle = hooked("a", IDLE, change);
        start(bundle, "one");
        String ask = "exec 3<>/proc/gvisor/checkpoint; echo 1 >&3; cat <&3";
        assertEquals(List.of("resume"), in("one", ask));
        awaitText(folder().resolve("log"), "resume");
        restore(bundle, store(), "two").expect(0);
        assertEquals(List.of("save  1  /", "resume  1  /", "restore  1  /"), log());
        change[1] = change[1].replace("\"1m\"", "\"long\"");
        Outcome refused =
                runsc.call("run", "--detach", "--bundle", hooked("b", IDLE, change), "bad");
        says(refused.expect(OURS), "annotation " + PREFIX + "save-restore-exec-timeout");
    }
}
