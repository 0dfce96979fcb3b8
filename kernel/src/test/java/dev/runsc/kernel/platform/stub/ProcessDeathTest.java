package dev.runsc.kernel.platform.stub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.GuestContext.Stop;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens when a stub process, all of them, or the kernel itself is killed. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ProcessDeathTest {
    /** A copy of the stub, so that this test's processes are known by their program. */
    @TempDir private Path directory;

    private Path program;

    @BeforeEach
    void copyStub() throws IOException {
        program = Files.copy(GuestMachine.stub(), directory.resolve("stub"));
    }

    private GuestMachine machine() throws PlatformException {
        return new GuestMachine(program, false);
    }

    private Set<ProcessHandle> stubs() {
        return ProcessHandle.allProcesses()
                .filter(process -> runs(process, program))
                .collect(Collectors.toSet());
    }

    private static boolean runs(ProcessHandle process, Path program) {
        Optional<String> command = process.info().command();
        return command.isPresent() && Path.of(command.get()).equals(program);
    }

    /**
     * The host process that runs a thread, by what the host says of our descriptor for it (proc(5),
     * fdinfo).
     */
    private static ProcessHandle processOf(GuestContext guest) throws IOException {
        int descriptor = ((StubContext) guest).process().descriptor().number();
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/fdinfo/" + descriptor))) {
            String pid = lines.filter(line -> line.startsWith("Pid:")).findFirst().orElseThrow();
            return ProcessHandle.of(Long.parseLong(pid.substring(4).strip())).orElseThrow();
        }
    }

    private static void assertEnd(ProcessHandle process)
            throws InterruptedException, ExecutionException {
        process.onExit().get();
        assertFalse(process.isAlive());
    }

    @Test
    void aKilledStubIsDeadForItsThreadsOnly()
            throws PlatformException, IOException, InterruptedException {
        try (GuestMachine machine = machine()) {
            GuestContext spinning = machine.run(new Code().hex("48 ff 07").jump(0));
            spinning.setRegister(Register.RDI, GuestMachine.DATA);
            ProcessHandle doomed = processOf(spinning);
            GuestContext other = machine.thread(machine.space());

            Thread killer =
                    Thread.ofPlatform()
                            .start(() -> {
                                while (machine.data(0) == 0) {
                                    Thread.onSpinWait();
                                }
                                doomed.destroyForcibly();
                            });
            assertEquals(Stop.DEAD, spinning.run());
            killer.join();
            spinning.release();

            other.interrupt();
            assertEquals(Stop.INTERRUPTED, other.run());
        }
    }

    @Test
    void aStubKilledWhileItIsAskedForSomethingIsAnError()
            throws PlatformException, IOException, InterruptedException, ExecutionException {
        try (GuestMachine machine = machine()) {
            AddressSpace space = machine.space();
            GuestContext guest = machine.thread(space);
            ProcessHandle doomed = processOf(guest);
            doomed.destroyForcibly();
            assertEnd(doomed);
            space.unmap(GuestMachine.DATA, 4096);
            assertThrows(PlatformException.class, space::flush);
            assertThrows(PlatformException.class, space::newContext);
            assertEquals(Stop.DEAD, guest.run());
            guest.release();
            space.release();
        }
    }

    /** The template was there before the processes it forked. */
    private static ProcessHandle oldest(Set<ProcessHandle> processes) {
        return processes.stream().min(Comparator.comparingLong(ProcessHandle::pid)).orElseThrow();
    }

    @Test
    void withTheTemplateAllStubsEnd()
            throws PlatformException, InterruptedException, ExecutionException {
        try (GuestMachine machine = machine()) {
            List<GuestContext> guests = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                guests.add(machine.run(new Code().jump(0)));
            }
            Set<ProcessHandle> all = stubs();
            oldest(all).destroyForcibly();
            for (GuestContext guest : guests) {
                assertEquals(Stop.DEAD, guest.run());
            }
            for (ProcessHandle process : all) {
                assertEnd(process);
            }
            assertThrows(PlatformException.class, machine.platform()::newAddressSpace);
        }
    }

    @Test
    void closingThePlatformEndsAll()
            throws PlatformException, InterruptedException, ExecutionException {
        GuestMachine machine = machine();
        GuestContext guest = machine.run(new Code().hex("48 ff 07").jump(0));
        guest.setRegister(Register.RDI, GuestMachine.DATA);
        Set<ProcessHandle> all = stubs();
        assertTrue(all.size() >= 2, () -> all.toString());
        Thread closer =
                Thread.ofPlatform()
                        .start(() -> {
                            while (machine.data(0) == 0) {
                                Thread.onSpinWait();
                            }
                            machine.close();
                        });
        assertEquals(Stop.DEAD, guest.run());
        closer.join();
        for (ProcessHandle process : all) {
            assertEnd(process);
        }
        assertThrows(PlatformException.class, machine.platform()::newAddressSpace);
    }

    @Test
    void aKilledKernelLeavesNothingBehind()
            throws IOException, InterruptedException, ExecutionException {
        Process kernel =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Drunsc.stub=" + program,
                                "-Drunsc.dist=" + System.getProperty("runsc.dist", ""),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Doomed.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(
                                kernel.getInputStream(), StandardCharsets.US_ASCII))) {
            assertEquals("running", out.readLine());
            Set<ProcessHandle> all = stubs();
            assertTrue(all.size() > Doomed.PROCESSES, () -> all.toString());
            kernel.destroyForcibly();
            assertEquals(128 + SignalNumbers.SIGKILL, kernel.waitFor());
            for (ProcessHandle process : all) {
                assertEnd(process);
            }
        } finally {
            kernel.destroyForcibly();
        }
    }

    /** A kernel with guests that never stop. */
    static final class Doomed {
        static final int PROCESSES = 3;

        private Doomed() {}

        public static void main(String[] arguments) throws PlatformException, InterruptedException {
            GuestMachine machine = new GuestMachine(true);
            Code code = new Code().hex("48 ff 07").jump(0);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < PROCESSES; i++) {
                GuestContext guest = machine.run(code);
                guest.setRegister(Register.RDI, GuestMachine.DATA + 8L * i);
                // The thread that asks for a process does not outlive the asking.
                threads.add(Thread.ofPlatform().start(guest::run));
            }
            for (int i = 0; i < PROCESSES; i++) {
                while (machine.data(8L * i) == 0) {
                    Thread.onSpinWait();
                }
            }
            System.out.println("running");
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    @Test
    void aStubThatIsNoneIsAnError() throws Exception {
        HostFd file = HostFiles.memfdCreate("memory", 0);
        for (String program : new String[] {"/nonexistent/stub", "/bin/true", "/dev/null"}) {
            PlatformException failure =
                    assertThrows(
                            PlatformException.class,
                            () -> StubPlatform.start(Path.of(program), file, false));
            assertTrue(String.valueOf(failure.getMessage()).contains(program), failure::toString);
        }
        file.close();
    }

    /** Cleaning failed for every process once, and what came back was thrown away in silence. */
    @Test
    void aProcessSurvivesBeingCleaned() throws PlatformException {
        try (GuestMachine machine = machine()) {
            StubProcess process = machine.platform().newProcess();
            for (int i = 0; i < 100; i++) {
                assertTrue(process.clean(), "the " + i + "th time");
            }
            assertFalse(process.hasEnded());
            process.kill();
        }
    }
}
