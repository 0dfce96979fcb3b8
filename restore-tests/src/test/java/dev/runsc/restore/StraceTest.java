package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    /** What an allocator and the C library do; what strace(1) says of signals. */
    private static final Pattern LEFT_OUT =
            Pattern.compile("(brk|mmap|munmap|gettid|getpid)\\(.*|(---|\\+\\+\\+).*");

    /** Where ids of processes are. */
    private static final Pattern PROCESS =
            Pattern.compile(
                    "(\\bpid=|\\bsi_pid=|\\bparent_tid=\\[|^(?:tg)?kill\\(|^tgkill\\(.*?, |^rt_t?g?sigqueueinfo\\("
                            + "|^rt_tgsigqueueinfo\\(.*?, |^wait4\\(|^waitid\\(P_PID, |^(?:wait4|clone|clone3)\\(.* = )\\d+");

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
        // 0x5402 and the two that follow mean something else for sound cards, which strace(1) says.
        String named = line.replaceAll("\\) += ", ") = ").replaceAll("SNDCTL_\\w+ or ", "");
        return PROCESS.matcher(PROCESS.matcher(named).replaceAll("$1PROCESS"))
                .replaceAll("$1PROCESS")
                .replaceAll("0x[0-9a-f]{6,}", "ADDRESS")
                .replaceAll("si_([us])time=\\d+", "si_$1time=TIME")
                // Of which fields Linux tells without being asked depends on the file system.
                .replaceAll("stx_mask=\\w+(\\|\\w+)*", "stx_mask=FIELDS")
                .replaceAll("tv_(n|u)?sec=\\d+", "tv_$1sec=TIME");
    }
}
