package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Programs ask to be saved, and learn on which side of the save they are. */
class GuestSaveTest extends ScriptTest {
    private static final String PREFIX = "dev.gvisor.internal.checkpoint.";

    /** The descriptor is open, and read, while the sandbox is saved. */
    private static final String SCRIPT =
            """
            exec 3<>/proc/gvisor/checkpoint
            while [ ! -e /srv/go ]; do sleep 0.1; done
            echo 1 >&3
            echo "answer $(cat <&3)"
            tr '\\0' '\\n' < /proc/gvisor/spec_environ | grep WHO
            exec sleep 1000
            """;

    private Path store() {
        return scratch.resolve("store");
    }

    /** A change of a configuration. */
    private static String[] annotations(String... namesAndValues) {
        StringBuilder texts = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            String name = namesAndValues[i];
            texts.append(texts.isEmpty() ? "" : ", ").append('"');
            texts.append(name.contains(".") ? name : PREFIX + name).append("\": \"");
            texts.append(namesAndValues[i + 1]).append('"');
        }
        return new String[] {"\"linux\": {", "\"annotations\": {" + texts + "}, \"linux\": {"};
    }

    private String[] saving(String resume) {
        return annotations("enable", "true", "path", store().toString(), "resume", resume);
    }

    private static String[] who(String name, String[] more) {
        return new String[] {
            "\"env\": [", "\"env\": [\"WHO=" + name + "\", ", more[0], more[1],
        };
    }

    private Path output(String id) throws Exception {
        Path file = scratch.resolve("output-" + id);
        return Files.exists(file) ? file : Files.createFile(file);
    }

    private void runInto(String bundle, String id) throws Exception {
        runsc.callInto(output(id), "run", "--detach", "--bundle", bundle, id).expect(0);
    }

    private Outcome restoreInto(String bundle, String id) throws Exception {
        String image = store().toString();
        return runsc.callInto(
                output(id), "restore", "-d", "--bundle", bundle, "--image-path", image, id);
    }

    @Test
    void aShellIsSavedAndRestored() throws Exception {
        runInto(bundle("a", SCRIPT, who("first", saving("false"))), "one");
        in("one", "touch /srv/go");
        runsc.call("wait", "one").expect(0);
        assertTrue(runsc.call("state", "one").expect(0).out().toString().contains("stopped"));
        restoreInto(bundle("b", SCRIPT, who("second", saving("false"))), "two").expect(0);
        DebugTest.awaitText(output("two"), "WHO=");
        assertEquals("answer restore\nWHO=second\n", Files.readString(output("two")));
        assertEquals("", Files.readString(output("one")), "it ended where it was saved");
    }

    @Test
    void aShellIsSavedAndGoesOn() throws Exception {
        String bundle = bundle("a", SCRIPT, who("first", saving("true")));
        runInto(bundle, "one");
        in("one", "touch /srv/go");
        DebugTest.awaitText(output("one"), "WHO=");
        assertEquals("answer resume\nWHO=first\n", Files.readString(output("one")));
        restoreInto(bundle, "two").expect(0);
        DebugTest.awaitText(output("two"), "WHO=");
        assertEquals("answer restore\nWHO=first\n", Files.readString(output("two")));
    }

    /** Whoever serves the programs of a created container serves those that come in its place. */
    @Test
    void aCreatedContainerIsReplaced() throws Exception {
        runInto(bundle("a", SCRIPT, who("first", saving("false"))), "one");
        in("one", "touch /srv/go");
        runsc.call("wait", "one").expect(0);
        String bundle = bundle("b", SCRIPT, who("second", saving("true")));
        runsc.callInto(output("two"), "create", "--bundle", bundle, "two").expect(0);
        String image = store().toString();
        runsc.call("restore", "--detach", "--image-path", image, "two").expect(0);
        DebugTest.awaitText(output("two"), "WHO=");
        assertEquals("answer restore\nWHO=second\n", Files.readString(output("two")));
        String ask = "exec 3<>/proc/gvisor/checkpoint; echo 1 >&3; cat <&3";
        assertEquals(List.of("resume"), in("two", ask));
    }

    private String saver(String... changes) throws Exception {
        return change(Bundle.write(scratch.resolve("saver"), List.of("/guest/saver")), changes);
    }

    private static void asks(Command saver, String answer) throws Exception {
        saver.say("again\n");
        assertEquals(answer, saver.nextLine(), saver::toString);
    }

    @Test
    void oneSaveAfterAnother() throws Exception {
        String bundle = saver(saving("true"));
        try (Command saver = runsc.start("run", "--bundle", bundle, "one")) {
            asks(saver, "resume");
            asks(saver, "resume");
            // A save that others want is told too.
            String image = scratch.resolve("image").toString();
            runsc.call("checkpoint", "--leave-running", "--image-path", image, "one").expect(0);
            asks(saver, "resume");
            saver.closeInput();
            assertEquals("done", saver.nextLine());
            saver.awaitEnd().expect(0);
        }
        String store = store().toString();
        try (Command back =
                runsc.start("restore", "--bundle", bundle, "--image-path", store, "two")) {
            assertEquals("restore", back.nextLine(), back::toString);
            asks(back, "resume");
            back.closeInput();
            assertEquals("done", back.nextLine());
            back.awaitEnd().expect(0);
        }
    }

    @Test
    void aSaveThatFails() throws Exception {
        Files.createFile(store());
        String bundle = saver(saving("false"));
        try (Command saver = runsc.start("run", "--bundle", bundle, "one")) {
            asks(saver, "failed: Input/output error");
            asks(saver, "failed: Input/output error");
            Files.delete(store());
            saver.say("again\n");
            saver.awaitEnd().expect(0);
        }
        try (Command back =
                runsc.start(
                        "restore", "--bundle", bundle, "--image-path", store().toString(), "two")) {
            assertEquals("restore", back.nextLine(), back::toString);
        }
    }

    @Test
    void nobodyIsLeftToSave() throws Exception {
        String script = SCRIPT.replace("echo 1 >&3\n", "").replace("exec sleep 1000\n", IDLE);
        start(bundle("a", script, saving("true")), "one");
        in("one", "touch /srv/go");
        ProcessHandle servant =
                ProcessHandle.allProcesses()
                        .filter(each -> commandLine(each).contains("internal-save"))
                        .filter(each -> commandLine(each).contains(scratch.toString()))
                        .findFirst()
                        .orElseThrow();
        assertTrue(servant.destroyForcibly());
        servant.onExit().get();
        String ask = "while (echo 1 > /proc/gvisor/checkpoint) 2> /dev/null; do sleep 0.1; done";
        in("one", ask);
        runsc.call("kill", "one", "KILL").expect(0);
    }

    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", String.valueOf(process.pid()), "cmdline"));
        } catch (java.io.IOException e) {
            return "";
        }
    }

    @Test
    void onlyWhereItIsWanted() throws Exception {
        start(bundle("a", IDLE), "none");
        assertEquals(List.of("no"), in("none", "[ -e /proc/gvisor ] || echo no"));
        start(bundle("b", IDLE), "marked", "--gvisor-marker-file");
        assertEquals(List.of("kernel_is_gvisor"), in("marked", "ls /proc/gvisor"));
        start(bundle("c", IDLE, annotations("path", "/none", "resume", "true")), "set");
        assertEquals(List.of("no"), in("set", "[ -e /proc/gvisor ] || echo no"));
        start(bundle("d", IDLE, saving("true")), "all");
        List<String> files = List.of("checkpoint", "kernel_is_gvisor", "spec_environ");
        assertEquals(files, in("all", "ls /proc/gvisor"));
        String fresh = "mkdir /srv/p; mount -t proc proc /srv/p; ls /srv/p/gvisor";
        assertEquals(files, in("all", fresh), "another instance of proc");
        for (String notRoot :
                List.of("echo 1 > /proc/gvisor/checkpoint", "cat < /proc/gvisor/spec_environ")) {
            Outcome denied = runsc.call("exec", "--user", "1000", "all", "sh", "-c", notRoot);
            says(denied, "Permission denied");
        }
        assertEquals(List.of("gvisor"), in("all", "cat /proc/gvisor/kernel_is_gvisor"));
        for (String[] bad :
                new String[][] {
                    {"enable", "true"},
                    {"enable", "true", "path", "relative"},
                    {"enable", "yes", "path", "/tmp/x"},
                    {"enable", "true", "path", "/tmp/x", "resume", "1"},
                    {"save-restore-exec-timeout", "soon"},
                    {"cuda-checkpoint-path", "/bin/true"}
                }) {
            String bundle = bundle("bad", IDLE, annotations(bad));
            Outcome refused = runsc.call("run", "--detach", "--bundle", bundle, "bad").expect(OURS);
            says(refused, "annotation " + PREFIX);
        }
    }
}
