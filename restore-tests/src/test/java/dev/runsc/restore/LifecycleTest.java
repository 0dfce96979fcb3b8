package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container from creation to deletion, command by command. */
class LifecycleTest {
    private static final int OURS = 128;

    @TempDir Path scratch;

    private Runsc runsc;
    private Path output;

    @BeforeEach
    void prepare() throws Exception {
        runsc = new Runsc(scratch);
        output = Files.createFile(scratch.resolve("output"));
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
    }

    private void create(String id, String... arguments) throws Exception {
        Path bundle = Bundle.write(scratch.resolve("bundle-" + id), List.of(arguments));
        Path pidFile = scratch.resolve(id + ".pid");
        runsc.callInto(
                        output,
                        "create",
                        "--bundle",
                        bundle.toString(),
                        "--pid-file",
                        pidFile.toString(),
                        id)
                .expect(0);
        long pid = Long.parseLong(Files.readString(pidFile));
        assertTrue(ProcessHandle.of(pid).isPresent(), "the pid file names a process");
    }

    private void hasStatus(String id, String status) throws Exception {
        Outcome state = runsc.call("state", id).expect(0);
        assertTrue(
                state.out().toString().contains("\"status\": \"" + status + "\""), state::toString);
    }

    @Test
    void goesThroughItsStates() throws Exception {
        create("one", "/guest/counter");
        hasStatus("one", "created");
        assertEquals("", Files.readString(output), "it does not run yet");
        runsc.call("start", "one").expect(0);
        hasStatus("one", "running");
        assertEquals(OURS, runsc.call("start", "one").status(), "once");
        assertEquals(OURS, runsc.call("delete", "one").status(), "not while it lives");
        runsc.call("pause", "one").expect(0);
        hasStatus("one", "paused");
        long size = Files.size(output);
        assertEquals(OURS, runsc.call("pause", "one").status(), "once");
        assertEquals(size, Files.size(output), "no time passes for it");
        runsc.call("resume", "one").expect(0);
        hasStatus("one", "running");
        Outcome list = runsc.call("list").expect(0);
        assertTrue(list.out().toString().contains("running"), list::toString);
        runsc.call("kill", "one", "KILL").expect(0);
        runsc.call("wait", "one");
        runsc.call("delete", "--force", "one").expect(0);
        assertEquals(List.of(), runsc.containers());
        assertEquals(OURS, runsc.call("state", "one").status());
    }

    @Test
    void runsMoreProcessesInIt() throws Exception {
        create("one", "/guest/counter");
        runsc.call("start", "one").expect(0);
        // Some end before anybody can ask how.
        for (int i = 0; i < 5; i++) {
            Outcome outcome = runsc.call("exec", "one", "/guest/runner");
            assertFalse(outcome.status() == OURS, outcome::toString);
            assertFalse(outcome.err().toString().contains("no such process"), outcome::toString);
        }
        Outcome missing = runsc.call("exec", "one", "/no/such/program");
        assertEquals(OURS, missing.status());
        assertEquals(1, missing.err().size(), missing::toString);
        Outcome processes = runsc.call("ps", "one").expect(0);
        assertTrue(processes.out().toString().contains("counter"), processes::toString);
        Path pidFile = scratch.resolve("exec.pid");
        runsc.callInto(
                        output,
                        "exec",
                        "--detach",
                        "--pid-file",
                        pidFile.toString(),
                        "one",
                        "/guest/counter")
                .expect(0);
        long pid = Long.parseLong(Files.readString(pidFile));
        assertTrue(ProcessHandle.of(pid).isPresent());
        assertEquals(
                2,
                runsc.call("ps", "one").out().stream().filter(l -> l.contains("counter")).count());
        runsc.call("kill", "one", "KILL").expect(0);
        runsc.call("wait", "one");
        runsc.call("delete", "--force", "one").expect(0);
        ProcessHandle.of(pid).ifPresent(handle -> handle.onExit().join());
    }
}
