package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code --strace} writes of a program, beside what strace(1) writes of it on Linux. */
class StraceTest {
    private static final String BEGIN = "\"/begin\"";
    private static final String END = "\"/end\"";

    /** Ours has the task before the call. */
    private static final Pattern OURS = Pattern.compile(".*?\\[(\\d+) [^]]*] (.*)");

    /** What an allocator does; what has a form of its own here; what strace(1) says of signals. */
    private static final Pattern LEFT_OUT =
            Pattern.compile("(brk|mmap|munmap|clone|gettid|getpid)\\(.*|(---|\\+\\+\\+).*");

    @TempDir Path scratch;

    @Test
    void writesWhatStraceWrites() throws Exception {
        Path program = Runsc.CHECKOUT.resolve("restore-tests/src/test/resources/strace/calls.pl");
        List<String> words = List.of("/usr/bin/perl", program.toString(), scratch.toString());
        assertEquals(
                String.join("\n", between(natively(words))),
                String.join("\n", between(sandboxed(words))));
    }

    /** The lines of the process that leaves the marks. */
    private List<String> natively(List<String> words) throws Exception {
        Path folder = Files.createDirectory(scratch.resolve("native"));
        List<String> strace = new ArrayList<>(List.of("strace", "-ff", "-s", "1024", "-o"));
        strace.add(folder.resolve("calls").toString());
        strace.addAll(words);
        try (Command command = Command.start(strace)) {
            command.closeInput();
            command.awaitEnd().expect(0);
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                List<String> lines = Files.readAllLines(file);
                if (lines.stream().anyMatch(line -> line.contains(BEGIN))) {
                    return lines;
                }
            }
        }
        throw new AssertionError("no marks in " + folder);
    }

    private List<String> sandboxed(List<String> words) throws Exception {
        Path log = scratch.resolve("calls.log");
        String bundle = Bundle.writeHost(scratch.resolve("bundle"), "/mnt", words).toString();
        try (Runsc runsc = new Runsc(scratch)) {
            runsc.call(
                            "--overlay2=root:memory",
                            "--strace",
                            "--debug",
                            "--debug-command=boot",
                            "--debug-log=" + log,
                            "run",
                            "--bundle",
                            bundle,
                            "one")
                    .expect(0);
        }
        return Files.readAllLines(log).stream()
                .map(OURS::matcher)
                .filter(line -> line.matches() && line.group(1).equals("1"))
                .map(line -> line.group(2))
                .toList();
    }

    /** What is between the marks, without what differs from run to run. */
    private static List<String> between(List<String> lines) {
        return lines.stream()
                .dropWhile(line -> !line.contains(BEGIN))
                .takeWhile(line -> !line.contains(END))
                .filter(line -> !LEFT_OUT.matcher(line).matches())
                .map(StraceTest::masked)
                .toList();
    }

    private static String masked(String line) {
        Matcher child = Pattern.compile("(wait4\\(.* = )\\d+").matcher(line);
        return (child.matches() ? child.group(1) + "CHILD" : line)
                .replaceAll("\\) += ", ") = ")
                .replaceAll("0x[0-9a-f]{6,}", "ADDRESS")
                .replaceAll("tv_(n|u)?sec=\\d+", "tv_$1sec=TIME");
    }
}
