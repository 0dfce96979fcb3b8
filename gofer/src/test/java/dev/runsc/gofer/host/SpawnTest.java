package dev.runsc.gofer.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.abi.WaitFlags;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpawnTest {
    private static String run(Spawn spawn, int outputFd) throws ErrnoException {
        HostFd[] pipe = HostFiles.pipe2(0);
        int pid;
        try (HostFd writeEnd = pipe[1]) {
            pid = spawn.descriptor(outputFd, writeEnd.number()).start();
        }
        StringBuilder text = new StringBuilder();
        try (HostFd readEnd = pipe[0]) {
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            while (HostFiles.read(readEnd.number(), buffer) > 0) {
                text.append(StandardCharsets.UTF_8.decode(buffer.flip()));
                buffer.clear();
            }
        }
        assertEquals(new HostProcess.Exit(pid, false, 0), HostProcess.waitFor(pid));
        return text.toString();
    }

    private static Spawn shell(String script) {
        return new Spawn("/bin/sh").arguments(List.of("sh", "-c", script));
    }

    @Test
    void argumentsAndEnvironmentArrive() throws ErrnoException {
        Spawn spawn = shell("echo \"$A $0 $1\"").arguments(List.of("zero", "ü"));
        assertEquals("b c zero ü\n", run(spawn.environment(Map.of("A", "b c")), 1));
    }

    @Test
    void onlyTheMappedDescriptorsArrive() throws ErrnoException {
        try (HostFd leak = HostTree.open("/dev/null", 0, 0);
                HostFd null0 = HostTree.open("/dev/null", 0, 0)) {
            assertTrue(leak.number() > 0);
            Spawn spawn =
                    new Spawn("/bin/ls")
                            .arguments(List.of("ls", "/proc/self/fd"))
                            .descriptor(0, null0.number())
                            .descriptor(2, null0.number())
                            .descriptor(7, null0.number());
            // ls opens the directory as the lowest free number
            assertEquals("0\n1\n2\n3\n7\n", run(spawn, 1));
        }
    }

    @Test
    void descriptorsMaySwapPlaces() throws ErrnoException {
        try (HostFd one = HostFiles.memfdCreate("one", 0);
                HostFd two = HostFiles.memfdCreate("two", 0)) {
            Spawn spawn =
                    shell("readlink /proc/self/fd/$0 /proc/self/fd/$1")
                            .arguments(List.of("" + one.number(), "" + two.number()))
                            .descriptor(one.number(), two.number())
                            .descriptor(two.number(), one.number());
            assertEquals("/memfd:two (deleted)\n/memfd:one (deleted)\n", run(spawn, 1));
        }
    }

    @Test
    void signalStateIsClean() throws ErrnoException {
        String status = run(shell("grep -E '^Sig(Blk|Ign)' /proc/self/status"), 1);
        for (String line : status.lines().toList()) {
            // 32 and 33 belong to the C library
            long set = Long.parseUnsignedLong(line.substring(line.indexOf('\t') + 1), 16);
            assertEquals(0, set & ~(3L << 31), status);
        }
    }

    @Test
    void aMissingProgramIsAnError() {
        ErrnoException e =
                assertThrows(ErrnoException.class, () -> new Spawn("/no/such/program").start());
        assertEquals(Errno.ENOENT, e.errno());
    }

    @Test
    void aKilledChildIsReaped() throws ErrnoException {
        int pid = shell("exec sleep 100").newSession().start();
        assertNull(HostProcess.findExit(pid));
        try (HostFd pidfd = HostProcess.pidfdOpen(pid)) {
            HostProcess.pidfdSendSignal(pidfd.number(), SignalNumbers.SIGTERM);
            HostPoll.poll(pidfd.number(), PollEvents.POLLIN, HostPoll.FOREVER);
            HostProcess.Exit exit =
                    HostProcess.waitid(WaitFlags.P_PIDFD, pidfd.number(), WaitFlags.WEXITED);
            assertEquals(new HostProcess.Exit(pid, true, SignalNumbers.SIGTERM), exit);
        }
        ErrnoException e = assertThrows(ErrnoException.class, () -> HostProcess.kill(pid, 0));
        assertEquals(Errno.ESRCH, e.errno());
    }

    @Test
    void thisProcess() throws ErrnoException {
        assertEquals(ProcessHandle.current().pid(), HostProcess.getpid());
        assertEquals(
                Runtime.getRuntime().availableProcessors(),
                HostProcess.schedGetaffinity().cardinality());
        byte[] random = new byte[20000];
        HostProcess.getrandom(random);
        boolean tailZero = true;
        for (int i = 19980; i < random.length; i++) {
            tailZero &= random[i] == 0;
        }
        assertFalse(tailZero);
        assertTrue(HostProcess.clockGettime(0).seconds() > 1_700_000_000L);
    }
}
