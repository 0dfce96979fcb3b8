package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Requests that no command of ours makes, from clients that mean well and others. */
class ControlSocketTest extends ScriptTest {
    private static final String GOOD = "\"ok\":true";

    /** More than a request may bring, and less than one message may. */
    private static final int TOO_MANY = 230;

    private static final int READ_BYTES = 100_000;
    private static final int FREED_BYTES = 32 << 20;
    private static final int ENDED_WITH = 7;

    private Outcome client(String id, String request, List<String> files) throws Exception {
        List<String> words = new ArrayList<>();
        words.add(Bundle.hostProgram("control").toString());
        words.add(FloodTest.socketOf(runsc, id).toString());
        words.add(request);
        words.addAll(files);
        return HostClient.call(words);
    }

    private String call(String method, String arguments, String... files) throws Exception {
        String request = "{\"method\": \"" + method + "\", \"args\": " + arguments + "}";
        Outcome outcome = client("one", request, List.of(files)).expect(0);
        return outcome.out().getFirst();
    }

    private String good(String method, String arguments, String... files) throws Exception {
        String answer = call(method, arguments, files);
        assertTrue(answer.contains(GOOD), answer);
        return answer;
    }

    private void refused(String code, String method, String arguments, String... files)
            throws Exception {
        String answer = call(method, arguments, files);
        assertTrue(answer.contains("\"code\":\"" + code + "\""), method + arguments + answer);
    }

    private static long number(String answer, String pattern) {
        Matcher matcher = Pattern.compile(pattern + "([0-9]+)").matcher(answer);
        assertTrue(matcher.find(), answer);
        return Long.parseLong(matcher.group(1));
    }

    private void startIdle() throws Exception {
        start(bundle("a", IDLE), "one");
    }

    private String file(String how, String name) {
        return how + ":" + scratch.resolve(name);
    }

    @Test
    void filesAreConcatenated() throws Exception {
        startIdle();
        in("one", "echo hello > /srv/a; echo world > /srv/b");
        Path into = scratch.resolve("into");
        good(
                "Fs.Cat",
                "{\"id\": \"one\", \"files\": [\"/srv/a\", \"/srv/b\", \"/srv/a\"]}",
                "w:" + into);
        assertEquals("hello\nworld\nhello\n", Files.readString(into));
        String broken = "{\"id\": \"one\", \"files\": [\"/srv/b\", \"/srv/none\", \"/srv/a\"]}";
        refused("KERNEL", "Fs.Cat", broken, "w:" + into);
        assertEquals("world\n", Files.readString(into), "up to the one that is not there");
        refused("BAD_REQUEST", "Fs.Cat", "{\"id\": \"one\"}", "w:" + into);
        refused("BAD_REQUEST", "Fs.Cat", "{\"id\": \"one\", \"files\": [\"/srv/a\"]}");
        refused("BAD_REQUEST", "Fs.Cat", "{\"id\": \"one\", \"files\": \"/srv/a\"}", "w:" + into);
        refused("BAD_REQUEST", "Fs.Cat", "{\"id\": \"one\", \"files\": [7]}", "w:" + into);
        String names = "[" + "\"/srv/a\", ".repeat(2000) + "\"/srv/a\"]";
        refused(
                "BAD_REQUEST",
                "Fs.Cat",
                "{\"id\": \"one\", \"files\": " + names + "}",
                "w:" + into);
        refused("KERNEL", "Fs.Cat", "{\"id\": \"one\", \"files\": [\"/dev/zero\"]}", "w:" + into);
        refused("INTERNAL", "Fs.Cat", "{\"id\": \"one\", \"files\": [\"/srv/a\"]}", "r:/dev/null");
        isWell();
    }

    /** It still runs programs. */
    private void isWell() throws Exception {
        assertEquals(List.of("well"), in("one", "echo well"));
    }

    @Test
    void oneProcessIsSignalled() throws Exception {
        start(bundle("a", "trap 'echo usr1 >> /srv/got' USR1; while :; do sleep 0.1; done"), "one");
        in("one", "while ! grep -q 'SigCgt.*2..$' /proc/1/status; do sleep 0.1; done");
        good("Proc.SignalProcess", "{\"id\": \"one\", \"pid\": 1, \"signal\": 10}");
        in("one", "while [ ! -e /srv/got ]; do sleep 0.1; done");
        good("Proc.SignalProcess", "{\"pid\": 1, \"signal\": 0}");
        String unknown = "{\"pid\": 2147483647, \"signal\": 9}";
        refused("NO_PROCESS", "Proc.SignalProcess", unknown);
        refused(
                "NO_PROCESS",
                "Proc.SignalProcess",
                "{\"id\": \"one\", \"pid\": 999, \"signal\": 9}");
        refused("NO_CONTAINER", "Proc.SignalProcess", "{\"id\": \"x\", \"pid\": 1, \"signal\": 9}");
        for (String bad :
                List.of(
                        "{}",
                        "{\"pid\": 1}",
                        "{\"signal\": 9}",
                        "{\"pid\": 0, \"signal\": 9}",
                        "{\"pid\": -1, \"signal\": 9}",
                        "{\"pid\": 1, \"signal\": 65}",
                        "{\"pid\": 99999999999999999999, \"signal\": 9}",
                        "{\"pid\": \"1\", \"signal\": 9}",
                        "[1, 9]")) {
            refused("BAD_REQUEST", "Proc.SignalProcess", bad);
        }
        isWell();
    }

    @Test
    void readsAreCountedAndMemoryIsGivenBack() throws Exception {
        Path data = Files.createDirectory(scratch.resolve("data"));
        Files.write(data.resolve("file"), new byte[READ_BYTES]);
        start(bundle("a", IDLE, MOUNTS_END, further(bind(data, "/mnt", "\"rbind\""))), "one");
        String before = good("Usage.GetFileIoStats", "{}");
        in("one", "cat /mnt/file > /dev/null; ls /mnt > /dev/null");
        String after = good("Usage.GetFileIoStats", "{}");
        String bytes = "\"host\":\\{\"reads\":[0-9]+,\"bytes\":";
        assertTrue(number(after, bytes) >= number(before, bytes) + READ_BYTES, before + after);
        String nanos = bytes + "[0-9]+,\"nanos\":";
        assertTrue(number(after, nanos) > number(before, nanos), before + after);
        assertTrue(number(after, "\"gofer\":\\{\"reads\":") > 0, after);

        in("one", "head -c " + FREED_BYTES + " /dev/zero > /srv/large");
        long full = number(good("Usage.Collect", "{}"), "\"Tmpfs\":");
        assertTrue(full >= FREED_BYTES, full + " bytes");
        in("one", "rm /srv/large");
        good("Usage.Reduce", "{}");
        String reduced = good("Usage.Collect", "{}");
        long left = number(reduced, "\"Tmpfs\":") + number(reduced, "\"Anonymous\":");
        assertTrue(left < FREED_BYTES, reduced);
        refused("BAD_REQUEST", "Usage.Reduce", "7");
        assertEquals(List.of(String.valueOf(READ_BYTES)), in("one", "cat /mnt/file | wc -c"));
    }

    @Test
    void aTraceIsRecorded() throws Exception {
        startIdle();
        Path trace = scratch.resolve("trace.jfr");
        runsc.call("debug", "--trace", trace.toString(), "--duration", "200ms", "one").expect(0);
        byte[] recorded = Files.readAllBytes(trace);
        assertEquals("FLR", new String(recorded, 0, 3, StandardCharsets.US_ASCII));
        assertTrue(
                new String(recorded, StandardCharsets.ISO_8859_1).contains("jdk.SafepointBegin"),
                "an event that samples have not");
        refused("BAD_REQUEST", "Profile.Trace", "{\"durationMillis\": 10}");
        refused("BAD_REQUEST", "Profile.Trace", "{\"durationMillis\": 1e9}", file("w", "t"));
        refused("BAD_REQUEST", "Profile.Trace", "{\"durationMillis\": 86400001}", file("w", "t"));
        isWell();
    }

    @Test
    void aSaveIntoFiles() throws Exception {
        start(bundle("a", "MARK=unmis''takable; export MARK; sleep 1000; :"), "one");
        in("one", "while ! ps ax | grep -q 'sleep 100[0]'; do sleep 0.1; done");
        String[] files = {file("w", "graph"), file("w", "memory")};
        good("State.Save", "{\"resume\": true}", files);
        isWell();
        assertTrue(Files.size(scratch.resolve("graph")) > 0);
        String memory = scratch.resolve("memory").toString();
        HostClient.call(List.of("grep", "-q", "unmistakable", memory)).expect(0);
        for (String[] bad :
                new String[][] {
                    {},
                    {files[0]},
                    {files[0], files[0]},
                    {files[0], files[1], file("w", "third")},
                    {files[0], file("a", "appended")},
                    {files[0], "r:/etc/passwd"},
                    {files[0], "r:/dev/null"},
                    {"r:/", files[1]}
                }) {
            refused("BAD_REQUEST", "State.Save", "{\"resume\": true}", bad);
        }
        refused("BAD_REQUEST", "State.Save", "{\"resume\": 1}", files);
        isWell();
        good("State.Save", "{\"resume\": false}", files);
        assertEquals(List.of(), awaitStopped("one"));
        refusedConnection();
    }

    private List<String> awaitStopped(String id) throws Exception {
        runsc.call("wait", id).expect(0);
        return runsc.call("list", "--quiet").expect(0).out().stream()
                .filter(line -> !line.equals(id))
                .toList();
    }

    private void refusedConnection() throws Exception {
        Outcome late = client("one", "{\"method\": \"State.Save\", \"args\": {}}", List.of());
        assertEquals(1, late.status(), late::toString);
    }

    @Test
    void whoHasEndedIsReaped() throws Exception {
        Map<String, String> first =
                Map.of(
                        "io.kubernetes.cri.container-type", "sandbox",
                        "io.kubernetes.cri.sandbox-id", "one");
        Map<String, String> second =
                Map.of(
                        "io.kubernetes.cri.container-type", "container",
                        "io.kubernetes.cri.sandbox-id", "one",
                        "io.kubernetes.cri.container-name", "two");
        Path firstBundle =
                Bundle.writePod(scratch.resolve("first"), first, null, List.of(), "sleep 1000");
        start(firstBundle.toString(), "one");
        String script = "exit " + ENDED_WITH;
        Path bundle = Bundle.writePod(scratch.resolve("second"), second, null, List.of(), script);
        for (int i = 0; i < 2; i++) {
            refused("NO_CONTAINER", "Lifecycle.Reap", "{\"id\": \"two\"}");
            Path output = Files.createTempFile(scratch, "created", "");
            runsc.callInto(output, "create", "--bundle", bundle.toString(), "two").expect(0);
            refused("WRONG_STATE", "Lifecycle.Reap", "{\"id\": \"two\"}");
            runsc.call("start", "two").expect(0);
            runsc.call("wait", "two").expect(0);
            String reaped = good("Lifecycle.Reap", "{\"id\": \"two\"}");
            assertEquals(ENDED_WITH, number(reaped, "\"exitStatus\":"));
            assertFalse(good("containerManager.Event", "{\"id\": \"one\"}").contains("two"));
            runsc.call("delete", "--force", "two").expect(0);
        }
        refused("WRONG_STATE", "Lifecycle.Reap", "{\"id\": \"one\"}");
        refused("BAD_REQUEST", "Lifecycle.Reap", "{\"id\": 2}");
        isWell();
    }

    @Test
    void moreDescriptorsThanARequestHas() throws Exception {
        startIdle();
        List<String> many = java.util.Collections.nCopies(TOO_MANY, "r:/dev/null");
        for (String method : List.of("Fs.Cat", "State.Save", "Profile.Trace", "Usage.Reduce")) {
            Outcome cut = client("one", "{\"method\": \"" + method + "\", \"args\": {}}", many);
            assertEquals(1, cut.status(), cut::toString);
            List<String> some = many.subList(0, 100);
            client("one", "{\"method\": \"" + method + "\", \"args\": {}}", some).expect(0);
        }
        isWell();
    }
}
