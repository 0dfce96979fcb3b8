package dev.runsc.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.base.Failure;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The words of commands. */
class CommandTest {
    private static Arguments parse(String... words) throws Failure {
        Options options = new Options("test");
        options.flag("a flag", "--force", "-f");
        options.flag("another", "--detach", "-d");
        options.value("V", "a value", "--bundle", "-b");
        options.list("L", "a list", "--env", "-e");
        options.words("WORDS", "the rest");
        return Arguments.parse(options, List.of(words));
    }

    @Test
    void optionsEndAtTheFirstWord() throws Failure {
        Arguments arguments =
                parse("-f", "--bundle", "/b", "-e", "A=1", "--env=B=2", "id", "-d", "--", "x");
        assertTrue(arguments.is("--force"));
        assertEquals("/b", arguments.text("--bundle", ""));
        assertEquals(List.of("A=1", "B=2"), arguments.all("--env"));
        assertEquals(List.of("id", "-d", "--", "x"), arguments.words());
        assertEquals(false, arguments.is("--detach"));
    }

    @Test
    void oneDashDoesForTwo() throws Failure {
        Arguments arguments = parse("-force", "-bundle=/b", "-detach=true", "id");
        assertTrue(arguments.is("--force"));
        assertTrue(arguments.is("--detach"));
        assertEquals(Path.of("/b"), arguments.findPath("--bundle"));
        assertEquals(List.of("id"), arguments.words());
        assertTrue(parse("-fd", "id").is("--detach"), "short ones may be written together");
        assertEquals(false, parse("--force=false", "id").is("--force"));
    }

    @Test
    void doubleDashEndsOptions() throws Failure {
        assertEquals(List.of("-f"), parse("--", "-f").words());
    }

    @Test
    void absentIsAbsent() throws Failure {
        Arguments arguments = parse("id");
        assertNull(arguments.find("--bundle"));
        assertNull(arguments.findPath("--bundle"));
        assertEquals(List.of(), arguments.all("--env"));
        assertEquals("id", arguments.only("id"));
        assertEquals(List.of(), parse().words());
    }

    @Test
    void wrongWordsAreUsageErrors() throws Failure {
        assertThrows(Failure.class, () -> parse("--nope", "id"));
        assertThrows(Failure.class, () -> parse("--bundle"));
        assertThrows(Failure.class, () -> parse("--force=maybe", "id"));
        assertThrows(Failure.class, () -> parse().only("id"));
        assertThrows(Failure.class, () -> parse("a", "b").only("id"));
    }

    @Test
    void everyCommandHasHelp() throws Failure {
        for (String line : CommandTable.describe().lines().toList()) {
            String name = line.strip().split(" ", 2)[0];
            assertTrue(
                    String.valueOf(CommandTable.usage(name)).contains("Usage: runsc " + name),
                    name);
        }
        assertNull(CommandTable.usage("nope"));
    }

    @Test
    void signalsByNameAndNumber() throws Failure {
        assertEquals(15, SignalNames.require("TERM"));
        assertEquals(15, SignalNames.require("sigterm"));
        assertEquals(9, SignalNames.require("9"));
        assertEquals(6, SignalNames.require("IOT"));
        assertEquals(36, SignalNames.require("RTMIN+2"));
        assertEquals(63, SignalNames.require("SIGRTMAX-1"));
        for (String bad :
                List.of(
                        "",
                        "0",
                        "65",
                        "-1",
                        "999999999999",
                        "FOO",
                        "RTMIN+99",
                        "SIG",
                        "RTMAX-99")) {
            Failure failure = assertThrows(Failure.class, () -> SignalNames.require(bad), bad);
            assertEquals("unknown signal \"" + bad + "\"", failure.getMessage());
        }
    }

    @Test
    void timesAreThoseOfGo() {
        assertEquals("0s", PsCommand.timeText(0));
        assertEquals("20ms", PsCommand.timeText(20));
        assertEquals("1s", PsCommand.timeText(1_000));
        assertEquals("1.05s", PsCommand.timeText(1_050));
        assertEquals("1m0.001s", PsCommand.timeText(60_001));
        assertEquals("25h1m2s", PsCommand.timeText(90_062_000));
    }

    @Test
    void tablesAreAligned() {
        String text =
                Table.format(List.of(List.of("A", "B"), List.of("longer than least", "x")), 6, 2);
        assertEquals("A                  B\nlonger than least  x\n", text);
    }

    @Test
    void metricServersListenOnThisMachineOnly() throws Failure {
        assertEquals("/a/b", String.valueOf(MetricServerCommand.address("/a/b")));
        for (String good : List.of("127.0.0.1:80", "localhost:1", ":9000", "[::1]:80")) {
            assertTrue(
                    MetricServerCommand.address(good) instanceof java.net.InetSocketAddress, good);
        }
        for (String bad :
                List.of("0.0.0.0:80", "8.8.8.8:80", "host.example:80", "80x", "", ":70000", "::")) {
            assertThrows(Failure.class, () -> MetricServerCommand.address(bad), bad);
        }
    }

    @Test
    void completionKnowsCommandsAndFlags() {
        String script = Usage.completion(CommandTable.options());
        assertTrue(script.contains("complete -F _complete_runsc"));
        for (String word : List.of("checkpoint", "--image-path", "--debug-log", "metric-server")) {
            assertTrue(script.contains(word), word);
        }
    }

    @Test
    void metadataListsPointsAndSinks() {
        String text = TraceCommand.metadata();
        assertTrue(text.startsWith("POINTS ("), text);
        assertTrue(text.contains("Name: syscall/openat/enter,"), text);
        assertTrue(text.contains("SINKS (3)"), text);
    }
}
