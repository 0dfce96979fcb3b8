package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a bundle may ask for, and what commands do with containers that are in the way. */
class ContainerTest {
    private static final int RACERS = 16;

    @TempDir private Path scratch;

    private Runsc runsc;

    @BeforeEach
    void prepare() {
        runsc = new Runsc(scratch);
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
    }

    /** A bundle that runs a script on the host's root, with parts of its config replaced. */
    private String bundle(String script, String... fromTo) throws IOException {
        Path folder = scratch.resolve("bundle");
        Path file =
                Bundle.writeHost(folder, "/srv", List.of("/bin/sh", "-c", script))
                        .resolve("config.json");
        String config = Files.readString(file);
        for (int i = 0; i < fromTo.length; i += 2) {
            assertTrue(config.contains(fromTo[i]), fromTo[i]);
            config = config.replace(fromTo[i], fromTo[i + 1]);
        }
        Files.writeString(file, config);
        return folder.toString();
    }

    private Outcome run(String script, String... fromTo) throws Exception {
        return runsc.call("run", "--bundle", bundle(script, fromTo), "c");
    }

    private void startDetached(String bundle, String id) throws Exception {
        runsc.callInto(scratch.resolve("out"), "run", "--detach", "--bundle", bundle, id).expect(0);
    }

    private static String hook(String stage, String command, String more) {
        return "\"hooks\": {\"%s\": [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"%s\"]%s}]}, \"linux\": {"
                .formatted(stage, command, more);
    }

    private List<String> processes(String id) throws Exception {
        return runsc.call("ps", id).expect(0).out();
    }

    private String pidOf(String id, String command) throws Exception {
        return processes(id).stream()
                .filter(line -> line.endsWith(" " + command))
                .map(line -> line.split("\\s+")[1])
                .findFirst()
                .orElse("");
    }

    @Test
    void killsOneProcessOrAGroup() throws Exception {
        startDetached(bundle("sleep 1000 & setsid cat /dev/zero > /dev/null & wait"), "c");
        String sleep = "";
        String cat = "";
        while (sleep.isEmpty() || cat.isEmpty()) {
            sleep = pidOf("c", "sleep");
            cat = pidOf("c", "cat");
        }
        runsc.call("kill", "--pid", sleep, "c", "KILL").expect(0);
        while (!pidOf("c", "sleep").isEmpty()) {
            Thread.onSpinWait();
        }
        assertFalse(pidOf("c", "cat").isEmpty());
        runsc.call("kill", "--all", "--pid", "1", "c").expect(128);
        Footprint all = Footprint.of(runsc, "c");
        runsc.call("kill", "--pgid", cat, "c", "KILL").expect(0);
        all.awaitGone();
    }

    @Test
    void hooksGetTheStateAndMayFail() throws Exception {
        Path seen = scratch.resolve("seen");
        run("true", "\"linux\": {", hook("createRuntime", "cat > " + seen, "")).expect(0);
        String state = Files.readString(seen);
        assertTrue(state.contains("\"id\":\"c\"") && state.contains("\"pid\":"), state);
        run("true", "\"linux\": {", hook("poststop", "cat > " + seen, "")).expect(0);
        assertTrue(Files.readString(seen).contains("\"status\":\"stopped\""));
        for (String stage : List.of("prestart", "createContainer", "poststart")) {
            Outcome failed = run("sleep 100", "\"linux\": {", hook(stage, "exit 3", ""));
            assertEquals(1, failed.expect(128).err().size(), failed::toString);
        }
        Outcome late =
                run("true", "\"linux\": {", hook("prestart", "sleep 100", ", \"timeout\": 1"));
        assertTrue(late.expect(128).err().getFirst().contains("timeout"), late::toString);
        Outcome loud =
                run("true", "\"linux\": {", hook("prestart", "yes | head -c 10000000; exit 3", ""));
        assertEquals(1, loud.expect(128).err().size());
        assertEquals(List.of(), runsc.containers());
    }

    @Test
    void usersGroupsAndLimits() throws Exception {
        Outcome outcome =
                run(
                        "id -u; id -g; id -G; ulimit -n; grep CapEff /proc/self/status",
                        "\"uid\": 0, \"gid\": 0",
                        "\"uid\": 1000, \"gid\": 1001, \"additionalGids\": [7]",
                        "\"cwd\":",
                        "\"rlimits\": [{\"type\": \"RLIMIT_NOFILE\", \"soft\": 100, \"hard\": 200}], \"cwd\":");
        assertEquals(
                List.of("1000", "1001", "1001 7", "100", "CapEff:\t0000000000000000"),
                outcome.expect(0).out());
    }

    @Test
    void mountsAndWorkingDirectory() throws Exception {
        Path data = Files.createDirectory(scratch.resolve("data"));
        String mount =
                "\"mounts\": [{\"destination\": \"%s\", \"type\": \"bind\", \"source\": \"%s\", \"options\": [\"%s\"]},";
        run(
                        "echo new > /srv/made/deep/file",
                        "\"/srv\"",
                        "\"/var\"",
                        "\"mounts\": [",
                        mount.formatted("/srv/made/deep", data, "rbind"))
                .expect(0);
        assertEquals(List.of("new"), Files.readAllLines(data.resolve("file")));
        run(
                        "cat /srv/made/file && ! echo x > /srv/made/file",
                        "\"/srv\"",
                        "\"/var\"",
                        "\"mounts\": [",
                        mount.formatted("/srv/made", data, "ro"))
                .expect(0);
        assertEquals(List.of("new"), Files.readAllLines(data.resolve("file")));
        assertEquals(
                List.of("/srv/not/there"),
                run("pwd", "\"cwd\": \"/\"", "\"cwd\": \"/srv/not/there\"").expect(0).out());
        run("echo > /file", "\"readonly\": false", "\"readonly\": true").expect(2);
    }

    @Test
    void idsMayBeShortened() throws Exception {
        String bundle = bundle("sleep 1000");
        for (String id : List.of("first", "firsts", "second")) {
            startDetached(bundle, id);
        }
        runsc.call("state", "sec").expect(0);
        runsc.call("state", "first").expect(0);
        Outcome both = runsc.call("state", "fi").expect(128);
        assertTrue(both.err().getFirst().contains("ambiguous"), both::toString);
        runsc.call("state", "none").expect(128);
        runsc.call("delete", "--force", "none", "first", "firsts", "second").expect(0);
        assertEquals(List.of(), runsc.containers());
    }

    @Test
    void stateFilesThatAreDamaged() throws Exception {
        String bundle = bundle("sleep 1000");
        startDetached(bundle, "good");
        startDetached(bundle, "bad");
        Footprint all = Footprint.of(runsc, "bad");
        try (Stream<Path> files = Files.list(runsc.root())) {
            for (Path file : files.filter(each -> each.toString().contains("/bad_")).toList()) {
                if (file.toString().endsWith(".state")) {
                    Files.writeString(file, "{\"id\": ");
                }
            }
        }
        List<String> table = runsc.call("list").expect(0).out();
        assertTrue(table.stream().anyMatch(line -> line.startsWith("good ")), table::toString);
        assertEquals(1, runsc.call("state", "bad").expect(128).err().size());
        assertEquals(1, runsc.call("delete", "bad").expect(128).err().size());
        runsc.call("delete", "--force", "bad").expect(0);
        all.sandbox().destroyForcibly();
        all.awaitGone();
        runsc.call("delete", "--force", "good").expect(0);
    }

    /** One wins, the others say why not, and nothing is left between. */
    @Test
    void manyCommandsForOneName() throws Exception {
        String bundle = bundle("sleep 1000");
        assertEquals(1, race("create", "--bundle", bundle, "c"));
        assertEquals(1, race("start", "c"));
        assertEquals(RACERS, race("state", "c"));
        assertEquals(1, race("delete", "--force", "c") > 0 ? 1 : 0);
        assertEquals(List.of(), runsc.containers());
        runsc.call("run", "--bundle", bundle("exit 4"), "c").expect(4);
    }

    /** How many of as many commands at once end well. */
    private int race(String... words) throws Exception {
        List<Command> racers = new ArrayList<>();
        for (int i = 0; i < RACERS; i++) {
            Path out = scratch.resolve("racer" + i);
            String line = String.join(" ", runsc.words(words)) + " < /dev/null > " + out;
            racers.add(Command.start(List.of("sh", "-c", line + " 2>" + out + ".err")));
        }
        int good = 0;
        for (int i = 0; i < RACERS; i++) {
            try (Command racer = racers.get(i)) {
                int status = racer.awaitEnd().status();
                List<String> errors = Files.readAllLines(scratch.resolve("racer" + i + ".err"));
                assertTrue(status == 0 || status == 128 && errors.size() == 1, errors::toString);
                good += status == 0 ? 1 : 0;
            }
        }
        return good;
    }

    @Test
    void descriptorsArePassed() throws Exception {
        Path file = Files.writeString(scratch.resolve("file"), "passed\n");
        String bundle = bundle("cat <&7");
        String line =
                String.join(" ", runsc.words("run", "--pass-fd", "9:7", "--bundle", bundle, "c"));
        Outcome outcome = HostClient.call(List.of("sh", "-c", "exec 9<" + file + "; " + line));
        assertEquals(List.of("passed"), outcome.expect(0).out());
    }

    /** The runtime opens descriptors too: one that the caller has not opened is none to pass. */
    @Test
    void onlyDescriptorsOfTheCallerArePassed() throws Exception {
        String bundle = bundle("-", "\"/bin/sh\", \"-c\", \"-\"", "\"sleep\", \"1000\"");
        startDetached(bundle, "c");
        List<List<String>> calls =
                List.of(
                        List.of("exec", "--exec-fd", "@", "c", "true"),
                        List.of("exec", "--pass-fd", "@:7", "c", "true"),
                        List.of("exec", "--detach", "--pass-fd=@", "c", "true"),
                        List.of("run", "--pass-fd", "@", "--bundle", bundle, "other"),
                        List.of("run", "-d", "--exec-fd=@", "--bundle", bundle, "other"));
        int fd = 3;
        for (List<String> call : calls) {
            String number = String.valueOf(fd);
            String[] words = call.stream().map(w -> w.replace("@", number)).toArray(String[]::new);
            refused(line(words), "descriptor " + number + " is not open where runsc is called");
            // The first that the JVM opens, and some that may be anything's.
            fd = fd == 3 ? 5 : 3;
        }
        for (int other : List.of(4, 6, 7, 8)) {
            refused(
                    line("exec", "--exec-fd", String.valueOf(other), "c", "true"),
                    " " + other + " ");
        }
        String preserve = line("exec", "--preserve-fds", "3", "c", "cat", "/dev/fd/5");
        refused("exec 3</dev/null; " + preserve, "--preserve-fds: descriptor 4 is not open");
        String three = "exec 3</dev/null 4</dev/null 5</etc/hostname; ";
        Outcome good = HostClient.call(List.of("sh", "-c", three + preserve)).expect(0);
        assertEquals(Files.readAllLines(Path.of("/etc/hostname")), good.out());
    }

    private static void refused(String line, String message) throws Exception {
        Outcome outcome = HostClient.call(List.of("sh", "-c", line)).expect(128);
        assertEquals(1, outcome.err().size(), outcome::toString);
        assertTrue(outcome.err().getFirst().contains(message), outcome::toString);
    }

    /** Neither program is a file of the container. */
    @Test
    void programsArePassed() throws Exception {
        String bundle =
                bundle(
                        "-",
                        "\"/bin/sh\", \"-c\", \"-\"",
                        "\"own\", \"-c\", \"echo $0; sleep 1000\"");
        String run = line("run", "--detach", "--exec-fd", "9", "--bundle", bundle, "c");
        HostClient.call(List.of("sh", "-c", "exec 9</bin/sh >/dev/null 2>&1; " + run)).expect(0);
        String[] exec = {
            "exec", "--exec-fd", "9", "c", "mine", "-c", "'echo $0; readlink /proc/$$/exe'"
        };
        Outcome outcome = HostClient.call(List.of("sh", "-c", "exec 9</bin/sh; " + line(exec)));
        assertEquals(List.of("mine", "/memfd:mine (deleted)"), outcome.expect(0).out());
        for (String none : List.of("/etc/passwd", "/dev/null", "/")) {
            HostClient.call(List.of("sh", "-c", "exec 9<" + none + "; " + line(exec))).expect(128);
        }
        Path image = scratch.resolve("image");
        runsc.call("checkpoint", "--image-path", image.toString(), "c").expect(0);
        runsc.call("delete", "c").expect(0);
        String[] restore = {
            "restore", "-d", "--bundle", bundle, "--image-path", image.toString(), "d"
        };
        runsc.callInto(scratch.resolve("out"), restore).expect(0);
        assertEquals(1, processes("d").stream().filter(line -> line.endsWith(" sleep")).count());
    }

    private String line(String... arguments) {
        return String.join(" ", runsc.words(arguments));
    }

    @Test
    void volumesOfDo() throws Exception {
        Path data = Files.createDirectory(scratch.resolve("data"));
        Path file = Files.writeString(data.resolve("file"), "old\n");
        String script = "echo new > /srv/v/file; cat /srv/v/file";
        List<String> call = List.of("do", "--volume", data + ":/srv/v", "sh", "-c", script);
        assertEquals(List.of("new"), runsc.call(call.toArray(String[]::new)).expect(0).out());
        assertEquals("old\n", Files.readString(file));
        List<String> through = new ArrayList<>(call);
        through.add(1, "--force-overlay=false");
        runsc.call(through.toArray(String[]::new)).expect(0);
        assertEquals("new\n", Files.readString(file));
        runsc.call("do", "--volume", "/no/such/folder", "true").expect(128);
    }

    @Test
    void rootDirectoriesThatCannotBe() throws Exception {
        Path file = Files.writeString(scratch.resolve("file"), "");
        List<String> words = runsc.words("run", "--bundle", bundle("true"), "c");
        for (String root : List.of(file.toString(), "/proc/none", file + "/below")) {
            List<String> other = new ArrayList<>(words);
            other.set(2, root);
            Outcome outcome = HostClient.call(other);
            assertEquals(1, outcome.expect(128).err().size(), outcome::toString);
        }
    }
}
