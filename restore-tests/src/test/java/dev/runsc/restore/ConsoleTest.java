package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Terminals of containers: our own, and those that go over a console socket. */
class ConsoleTest {
    private static final int OURS = 128;
    private static final int INTERRUPTED = 128 + 2;

    /** Reads lines as the terminal edits them, and has jobs. */
    private static final List<String> SHELL =
            List.of("env", "PS1=", "bash", "--norc", "--noediting", "-i");

    /** Says the new size each time it hears of one. */
    private static final String SIZES =
            "trap 'stty size' WINCH; sleep 1000 & echo ready; while :; do wait; done";

    /** Longer than any test. */
    private static final List<String> SLEEP = List.of("sleep", "1000");

    @TempDir Path scratch;

    private Runsc runsc;
    private Path socket;

    @BeforeEach
    void prepare() {
        runsc = new Runsc(scratch);
        socket = scratch.resolve("console");
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
    }

    private String bundle(List<String> words) throws IOException {
        return Bundle.writeOnTerminal(scratch.resolve("bundle"), words).toString();
    }

    private void call(String... words) throws Exception {
        runsc.callInto(scratch.resolve("output"), words).expect(0);
    }

    /** A container on a terminal that is sent over the socket. */
    private Terminal runDetached(List<String> words, String id) throws Exception {
        Terminal terminal = Terminal.listen(socket);
        call("run", "-d", "--bundle", bundle(words), "--console-socket", socket.toString(), id);
        return terminal.received();
    }

    private Terminal execOn(List<String> container, String... words) throws Exception {
        String folder = scratch.resolve("plain").toString();
        Bundle.writeHost(Path.of(folder), "/tmp", container);
        call("run", "-d", "--bundle", folder, "one");
        return Terminal.run(runsc.words(words));
    }

    @Test
    void aShellOnASentTerminal() throws Exception {
        try (Terminal terminal = Terminal.listen(socket)) {
            String[] create = {"create", "--bundle", bundle(SHELL), "--console-socket", "", "one"};
            create[4] = socket.toString();
            call(create);
            terminal.received().resize(33, 99);
            call("start", "one");
            terminal.type("tty; stty size; test -t 1 && echo yes");
            terminal.sees("/dev/pts/0").sees("33 99").sees("yes");
            String processes = runsc.call("ps", "one").expect(0).out().toString();
            assertTrue(processes.contains(" pts/0 "), processes);
            Footprint all = Footprint.of(runsc, "one");
            terminal.type("exit").seesHangUp();
            all.awaitGone();
        }
        call("delete", "one");
    }

    @Test
    void aShellOnOurTerminal() throws Exception {
        List<String> words = runsc.words("run", "--bundle", bundle(SHELL), "one");
        try (Terminal terminal = Terminal.run(words)) {
            terminal.type("echo $((6 * 7))").sees("42");
            terminal.type("exit 7");
            assertEquals(7, terminal.status());
        }
        assertEquals(List.of(), runsc.containers());
    }

    @Test
    void aProcessOnOurTerminal() throws Exception {
        try (Terminal terminal = execOn(SLEEP, "exec", "-t", "one", "sh", "-c", SIZES)) {
            terminal.sees("ready").resize(30, 90).sees("30 90").resize(31, 91).sees("31 91");
            terminal.control('C');
            assertEquals(INTERRUPTED, terminal.status());
        }
    }

    @Test
    void aProcessOnASentTerminal() throws Exception {
        Bundle.writeHost(scratch.resolve("plain"), "/tmp", SLEEP);
        call("run", "-d", "--bundle", scratch.resolve("plain").toString(), "one");
        List<String> words = new ArrayList<>(List.of("exec", "-d", "-t", "--console-socket"));
        words.addAll(List.of(socket.toString(), "one", "sh", "-c", SIZES));
        try (Terminal terminal = Terminal.listen(socket)) {
            call(words.toArray(String[]::new));
            terminal.received().sees("ready").resize(30, 90).sees("30 90");
            terminal.control('C').seesHangUp();
        }
        Outcome processes = runsc.call("ps", "one").expect(0);
        assertTrue(!processes.out().toString().contains("sh"), processes::toString);
    }

    @Test
    void aNewSizeReachesTheGuest() throws Exception {
        List<String> words = runsc.words("run", "--bundle", bundle(sizes()), "one");
        try (Terminal terminal = Terminal.run(words)) {
            terminal.sees("ready").resize(30, 90).sees("30 90").resize(31, 91).sees("31 91");
        }
        try (Terminal terminal = runDetached(sizes(), "two")) {
            terminal.sees("ready").resize(40, 120).sees("40 120");
        }
    }

    private static List<String> sizes() {
        return List.of("sh", "-c", SIZES);
    }

    @Test
    void controlCEndsTheForegroundJobAlone() throws Exception {
        try (Terminal terminal = runDetached(SHELL, "one")) {
            terminal.type("sleep 1000 &").type("sh -c 'echo started; exec sleep 1000'");
            terminal.sees("started").control('C');
            terminal.type("echo status $?").sees("status " + INTERRUPTED);
            terminal.type("jobs -r | grep -c sleep").sees("1");
            terminal.type("kill %1; exit").seesHangUp();
        }
    }

    /** What was typed of a line, the shell's variables, its jobs and modes are as they were. */
    @Test
    void aShellGoesOnOnANewTerminal() throws Exception {
        String image = scratch.resolve("image").toString();
        try (Terminal terminal = runDetached(SHELL, "one")) {
            terminal.resize(20, 70);
            terminal.type("x=kept; stty erase '#'; sleep 1000 &").type("stty size").sees("20 70");
            terminal.keys("echo val=$");
            call("checkpoint", "--image-path", image, "one");
            terminal.seesHangUp();
        }
        try (Terminal terminal = Terminal.listen(socket)) {
            List<String> words = new ArrayList<>(List.of("restore", "--image-path", image));
            words.addAll(List.of("--bundle", scratch.resolve("bundle").toString()));
            words.addAll(List.of("--console-socket", socket.toString(), "two"));
            Command restored = runsc.start(words.toArray(String[]::new));
            terminal.received().resize(50, 150).type("y#x").sees("val=kept");
            terminal.type("stty size; jobs -r | grep -c sleep").sees("50 150").sees("1");
            terminal.type("sh -c 'echo started; exec sleep 1000'").sees("started").control('C');
            terminal.type("echo status $?").sees("status " + INTERRUPTED);
            terminal.type("kill %1; exit 5").seesHangUp();
            restored.awaitEnd().expect(5);
        }
        assertEquals(List.of("one"), runsc.containers());
    }

    @Test
    void aShellIsSavedAndGoesOnOnItsTerminal() throws Exception {
        String image = scratch.resolve("image").toString();
        try (Terminal terminal = runDetached(SHELL, "one")) {
            terminal.type("x=kept").keys("echo val=$");
            call("checkpoint", "--leave-running", "--image-path", image, "one");
            terminal.type("x").sees("val=kept");
        }
    }

    @Test
    void consoleSocketsThatDoNotWork() throws Exception {
        Path file = Files.writeString(scratch.resolve("file"), "no socket");
        try (Terminal terminal = Terminal.listen(socket)) {
            terminal.leave();
        }
        String missing = scratch.resolve("missing").toString();
        String tooLong = scratch.resolve("x".repeat(200)).toString();
        String bundle = bundle(SHELL);
        for (String bad : List.of(missing, socket.toString(), file.toString(), tooLong)) {
            for (String command : List.of("run", "create")) {
                String[] words = {command, "--bundle", bundle, "--console-socket", bad, "one"};
                isRefused(bad, runsc.call(words));
            }
        }
        isRefused("--console-socket", runsc.call("create", "--bundle", bundle, "one"));
        Bundle.writeHost(scratch.resolve("plain"), "/tmp", SLEEP);
        call("run", "-d", "--bundle", scratch.resolve("plain").toString(), "one");
        isRefused(missing, runsc.call("exec", "-t", "--console-socket", missing, "one", "true"));
        String[] detached = {"exec", "-d", "-t", "--console-socket", missing, "one", "true"};
        isRefused(missing, runsc.call(detached));
        Outcome processes = runsc.call("ps", "one").expect(0);
        assertTrue(!processes.out().toString().contains("true"), processes::toString);
        call("delete", "--force", "one");
        assertEquals(List.of(), runsc.containers());
    }

    private static void isRefused(String words, Outcome outcome) {
        outcome.expect(OURS);
        assertEquals(1, outcome.err().size(), outcome::toString);
        assertTrue(outcome.err().getFirst().contains(words), outcome::toString);
    }

    /** The terminal is hung up with the socket in which it still is. */
    @Test
    void aSocketAtWhichNobodyLooks() throws Exception {
        try (Terminal deaf = Terminal.deaf(socket)) {
            String[] run = {"run", "-d", "--bundle", bundle(SHELL), "--console-socket", "", "one"};
            run[5] = socket.toString();
            call(run);
            Footprint all = Footprint.of(runsc, "one");
            deaf.leave();
            all.awaitGone();
        }
    }
}
