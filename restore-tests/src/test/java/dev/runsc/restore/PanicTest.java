package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A defect of ours in one sandbox: it ends with a report, and the others do not notice. */
class PanicTest {
    @TempDir private Path scratch;

    private Runsc runsc;
    private Path bundle;

    @BeforeEach
    void prepare() throws Exception {
        runsc = new Runsc(scratch);
        bundle = Bundle.write(scratch.resolve("bundle"), List.of("/guest/counter"));
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
    }

    @Test
    void aFaultEndsItsSandboxWithAReport() throws Exception {
        Path log = scratch.resolve("panic.log");
        try (Counter other = Counter.run(runsc, bundle, "other").count(5);
                Command run =
                        runsc.start(
                                "--panic-log",
                                log.toString(),
                                "run",
                                "--bundle",
                                bundle.toString(),
                                "one")) {
            run.awaitLine(line -> true);
            Footprint all = Footprint.of(runsc, "one");
            FaultAgent.strike(all.sandbox(), scratch);
            Outcome outcome = run.awaitEnd().expect(128);
            assertEquals(1, outcome.err().size(), outcome::toString);
            String error = outcome.err().getFirst();
            assertTrue(error.contains("panic in thread \"faulty\""), error);
            assertTrue(error.endsWith(FaultAgent.MESSAGE), error);
            String report = Files.readString(log);
            assertTrue(report.contains(FaultAgent.MESSAGE), report);
            assertTrue(report.contains(FaultAgent.class.getName() + ".fail"), report);
            assertTrue(report.contains("\"control\""), "the stacks of all threads: " + report);
            all.awaitGone();
            other.count(5);
        }
    }

    @Test
    void aTaskThatIsStuckEndsItsSandboxWithAReport() throws Exception {
        Path log = scratch.resolve("panic.log");
        try (Counter other = Counter.run(runsc, bundle, "other").count(5);
                Command run = watched(log, "panic")) {
            run.awaitLine(line -> true);
            Footprint all = Footprint.of(runsc, "one");
            FaultAgent.stickIn(all.sandbox(), scratch);
            Outcome outcome = run.awaitEnd().expect(128);
            assertEquals(1, outcome.err().size(), outcome::toString);
            String error = outcome.err().getFirst();
            assertTrue(error.contains("panic in thread \"watchdog\""), error);
            assertTrue(error.endsWith("(counter) is stuck in the kernel for 1 s:"), error);
            String report = Files.readString(log);
            assertTrue(report.contains("(counter) is stuck in the kernel"), report);
            assertTrue(report.contains("at " + FaultAgent.class.getName() + ".stick"), report);
            assertTrue(report.contains("\"control\""), "the stacks of all threads: " + report);
            all.awaitGone();
            other.count(5);
        }
    }

    @Test
    void aTaskThatIsStuckIsOnlyReportedOtherwise() throws Exception {
        Path log = scratch.resolve("panic.log");
        try (Command run = watched(log, "log")) {
            run.awaitLine(line -> true);
            FaultAgent.stickIn(Footprint.of(runsc, "one").sandbox(), scratch);
            ScriptTest.awaitText(log, "is stuck in the kernel for 1 s");
            runsc.call("ps", "one").expect(0);
            runsc.call("kill", "one", "KILL").expect(0);
        }
    }

    private Command watched(Path log, String action) throws Exception {
        return runsc.start(
                "--panic-log",
                log.toString(),
                "--watchdog-action=" + action,
                "--watchdog-timeout=1s",
                "run",
                "--bundle",
                bundle.toString(),
                "one");
    }
}
