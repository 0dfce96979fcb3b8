package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What checkpoint and restore tell on a terminal while they last. */
class ProgressTest extends ScriptTest {
    private static final String MEMORY =
            "head -c 40000000 /dev/urandom > /srv/big; echo ready; " + IDLE;

    private static final String CLEAR = "\033[K";
    private static final String END = " ends with 0";

    /** Several times a second, for some seconds. */
    private static final int TOLD_LEAST = 4;

    private static final int MEMORY_MIB = 40_000_000 >> 20;

    @Test
    void longStepsTellHowFarTheyAre() throws Exception {
        Path output = Files.createFile(scratch.resolve("output"));
        String bundle = bundle("bundle", MEMORY);
        runsc.callInto(output, "run", "--detach", "--bundle", bundle, "one").expect(0);
        awaitText(output, "ready");
        String[] save = {"checkpoint", "--leave-running", "--image-path", image("a"), "one"};
        isTold(onTerminal(slowed("pread64", save)), "checkpoint: memory");
        save[3] = image("b");
        try (Command silent = Command.start(slowed("pread64", save))) {
            silent.closeInput();
            assertEquals(List.of(), silent.awaitEnd().expect(0).err(), "nobody looks");
        }
        runsc.callInto(output, "create", "--bundle", bundle, "two").expect(0);
        String[] restore = {"restore", "--detach", "--image-path", image("a"), "two"};
        isTold(onTerminal(slowed("pwrite64", restore)), "restore: memory");
    }

    private String image(String name) {
        return scratch.resolve("image-" + name).toString();
    }

    /**
     * A command of ours each of whose transfers takes long. It is no child of strace(1), which
     * stays as long as what the command leaves running.
     */
    private List<String> slowed(String call, String... words) {
        List<String> all = new ArrayList<>(List.of("strace", "-D", "-f", "-o", "/dev/null", "-e"));
        all.addAll(List.of("trace=" + call, "-e", "inject=" + call + ":delay_enter=30000"));
        all.addAll(runsc.words(words));
        return all;
    }

    /** What it says on a terminal, all in a line. */
    private static String onTerminal(List<String> words) throws Exception {
        String script = String.join(" ", words) + "; echo ' ends with' $?";
        try (Terminal terminal = Terminal.run(List.of("sh", "-c", script))) {
            return terminal.before(END);
        }
    }

    private static void isTold(String text, String step) {
        Pattern line =
                Pattern.compile(
                        Pattern.quote(CLEAR + step) + ": (\\d+) of (\\d+) MiB \\((\\d+) %\\)");
        Matcher lines = line.matcher(text);
        int count = 0;
        int before = 0;
        while (lines.find()) {
            int done = Integer.parseInt(lines.group(1));
            int total = Integer.parseInt(lines.group(2));
            assertTrue(before <= done && done <= total, text);
            assertTrue(total >= MEMORY_MIB, text);
            assertEquals(done * 100.0 / total, Integer.parseInt(lines.group(3)), 5, text);
            before = done;
            count++;
        }
        assertTrue(count >= TOLD_LEAST, text);
        assertTrue(text.endsWith(CLEAR), text);
    }
}
