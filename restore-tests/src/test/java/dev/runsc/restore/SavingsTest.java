package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a restore spares, as the sandbox tells it. */
class SavingsTest extends CounterTest {
    private static final Pattern SAVINGS =
            Pattern.compile("\"CPUTimeSaved\":([0-9]+),\"WallTimeSaved\":([0-9]+)");
    private static final String REQUEST =
            "{\"method\":\"containerManager.GetSavings\",\"args\":{}}";

    /** Nanoseconds of all processors, and of a clock. */
    private long[] savings(String id) throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(FloodTest.socketOf(runsc, id));
        try (SocketChannel channel = SocketChannel.open(address)) {
            FloodTest.send(channel, FloodTest.request(REQUEST));
            String answer = FloodTest.answer(channel);
            Matcher matcher = SAVINGS.matcher(answer);
            assertTrue(matcher.find(), answer);
            return new long[] {Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))};
        }
    }

    @Test
    void whatNeedNotBeDoneAgain() throws Exception {
        long started = System.nanoTime();
        try (Counter counter = Counter.run(runsc, bundle, "one").count(100)) {
            long[] none = savings("one");
            assertTrue(none[0] == 0 && none[1] == 0, "nothing was restored");
            runsc.call("checkpoint", "--image-path", image.toString(), "one").expect(0);
            counter.awaitEnd();
        }
        try (Counter next = Counter.restore(runsc, bundle, image, "two").count(5)) {
            long[] saved = savings("two");
            long longest = System.nanoTime() - started;
            assertTrue(saved[0] > 0 && saved[0] <= saved[1], saved[0] + " of " + saved[1]);
            assertTrue(saved[1] <= longest, saved[1] + " of " + longest);
            runsc.call("kill", "two", "KILL").expect(0);
            next.awaitEnd();
        }
    }
}
