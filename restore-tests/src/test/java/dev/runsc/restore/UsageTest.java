package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sandbox tells of its memory through memory that it shares. */
class UsageTest {
    private static final Pattern SHARED =
            Pattern.compile("\\{\"Mapped\":(\\d+),\"Unknown\":(\\d+),\"Total\":(\\d+)}");
    private static final String NAME = "/memfd:usage";
    private static final int BYTES = 16;
    private static final int UNKNOWN_OFFSET = 8;
    private static final long WRITTEN = 32L << 20;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    @TempDir private Path scratch;

    private Runsc runsc;

    @BeforeEach
    void start() throws Exception {
        runsc = new Runsc(scratch);
        Path bundle =
                Bundle.writeHost(
                        scratch.resolve("bundle"), "/tmp", List.of("/bin/sleep", "100000"));
        Path output = Files.createFile(scratch.resolve("output"));
        runsc.callInto(output, "run", "-d", "-b", bundle.toString(), "one").expect(0);
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
    }

    private long commandTells() throws Exception {
        Outcome usage = runsc.call("usage", "--fd", "one").expect(0);
        Matcher matcher = SHARED.matcher(usage.out().getFirst());
        assertTrue(matcher.matches(), usage::toString);
        long mapped = Long.parseLong(matcher.group(1));
        long unknown = Long.parseLong(matcher.group(2));
        assertTrue(mapped > 0 && unknown > 0, usage::toString);
        assertEquals(mapped + unknown, Long.parseLong(matcher.group(3)));
        return unknown;
    }

    private void fill() throws Exception {
        String script = "head -c " + WRITTEN + " /dev/zero > /tmp/filled";
        runsc.call("exec", "one", "/bin/sh", "-c", script).expect(0);
    }

    /** The sandbox's end of it. */
    private static Path sharedOf(ProcessHandle sandbox) throws IOException {
        Path folder = Path.of("/proc", String.valueOf(sandbox.pid()), "fd");
        try (Stream<Path> all = Files.list(folder)) {
            for (Path each : all.toList()) {
                if (Files.isSymbolicLink(each)
                        && Files.readSymbolicLink(each).toString().startsWith(NAME)) {
                    return each;
                }
            }
        }
        throw new AssertionError("nothing shared in " + folder);
    }

    private static long unknown(FileChannel shared) throws IOException {
        assertEquals(BYTES, shared.size());
        ByteBuffer number = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        assertEquals(Long.BYTES, shared.read(number, UNKNOWN_OFFSET));
        return number.getLong(0);
    }

    @Test
    void theCommandReadsWhatIsShared() throws Exception {
        long before = commandTells();
        fill();
        assertTrue(commandTells() >= before + WRITTEN, "what was written is counted");
        runsc.call("kill", "one", "KILL").expect(0);
        runsc.call("wait", "one");
        Outcome late = runsc.call("usage", "--fd", "one").expect(128);
        assertTrue(
                late.err().toString().contains("cannot get usage for container"), late::toString);
    }

    @Test
    void whoStaysConnectedSeesItChange() throws Exception {
        Path socket = FloodTest.socketOf(runsc, "one");
        try (SocketChannel watcher = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            FloodTest.send(
                    watcher, FloodTest.request("{\"method\":\"Usage.UsageFD\",\"args\":{}}"));
            String answer = FloodTest.answer(watcher);
            assertTrue(answer.contains("\"ok\":true"), answer);
            Path fd = sharedOf(Footprint.of(runsc, "one").sandbox());
            try (FileChannel shared = FileChannel.open(fd, StandardOpenOption.READ)) {
                long before = unknown(shared);
                fill();
                long deadline = System.nanoTime() + PATIENCE_NANOS;
                while (unknown(shared) < before + WRITTEN) {
                    assertTrue(System.nanoTime() < deadline, "the figures stay as they were");
                    Thread.onSpinWait();
                }
            }
        }
    }
}
