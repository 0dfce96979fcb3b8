package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a client of the control socket has saved into two files comes back. */
class PlainImageTest extends ScriptTest {
    private static final String GRAPH = "checkpoint.img";
    private static final String MEMORY = "pages.img";

    private static final int TAIL_BYTES = 52;

    /** Counts on, in a variable. */
    private static final String COUNTS =
            "i=0; while :; do i=$((i+1)); echo $i > /srv/next; mv /srv/next /srv/count; sleep 0.05; done";

    private Path folder(String name) throws Exception {
        return Files.createDirectories(scratch.resolve(name));
    }

    private String save(String id, String method, String arguments, Path folder, String... more)
            throws Exception {
        List<String> words = new ArrayList<>();
        words.add(Bundle.hostProgram("control").toString());
        words.add(FloodTest.socketOf(runsc, id).toString());
        words.add("{\"method\": \"" + method + "\", \"args\": {" + arguments + "}}");
        words.add("w:" + folder.resolve(GRAPH));
        words.add("w:" + folder.resolve(MEMORY));
        words.addAll(List.of(more));
        return HostClient.call(words).expect(0).out().getFirst();
    }

    private Path saved(String id, String arguments, String... more) throws Exception {
        Path folder = Files.createTempDirectory(scratch, "image");
        String answer = save(id, "State.Save", arguments, folder, more);
        assertTrue(answer.contains("\"ok\":true"), answer);
        return folder;
    }

    private int count(String id) throws Exception {
        return Integer.parseInt(in(id, "cat /srv/count").getFirst());
    }

    private void counted(String id) throws Exception {
        in(id, "until [ -e /srv/count ]; do sleep 0.05; done");
    }

    @Test
    void aSandboxComesBack() throws Exception {
        String bundle = bundle("a", COUNTS);
        start(bundle, "one");
        counted("one");
        in("one", "echo kept > /etc/kept");
        Path image = saved("one", "\"resume\": true");
        int then = count("one");
        restore(bundle, image, "two").expect(0);
        assertEquals(List.of("kept"), in("two", "cat /etc/kept"));
        in("two", "until [ $(cat /srv/count) -gt " + then + " ]; do sleep 0.05; done");
        Path again = saved("two", "\"resume\": false");
        runsc.call("wait", "two").expect(0);
        restore(bundle, again, "three").expect(0);
        assertTrue(count("three") >= then);
        // And as other images it goes into a container that is there.
        Path output = Files.createFile(scratch.resolve("output"));
        runsc.callInto(output, "create", "--bundle", bundle, "four").expect(0);
        runsc.call("restore", "-d", "--image-path", image.toString(), "four").expect(0);
        assertEquals(List.of("kept"), in("four", "cat /etc/kept"));
    }

    @Test
    void onlyWhatFitsComesBack() throws Exception {
        start(bundle("a", IDLE), "one");
        Path image = saved("one", "\"resume\": true");
        String other = bundle("b", "exec sleep 1001");
        says(restore(other, image, "two").expect(OURS), "\"Args\" does not match");
        String readonly = bundle("c", IDLE, MOUNTS_END, further(bind(image, "/mnt", "\"ro\"")));
        says(restore(readonly, image, "two").expect(OURS), "\"Mounts\" does not match");
        restore(other, image, "two", "--restore-spec-validation", "ignore").expect(0);
        runsc.call("delete", "--force", "two").expect(0);
        Outcome named =
                runsc.call("restore", "--image-path", image.toString(), "--snapshot", "x", "two");
        assertEquals(OURS, named.status(), named::toString);
        assertEquals(List.of("one"), runsc.containers());
    }

    @Test
    void damageIsFound() throws Exception {
        String bundle = bundle("a", IDLE);
        start(bundle, "one");
        Path image = saved("one", "\"resume\": true");
        byte[] graph = Files.readAllBytes(image.resolve(GRAPH));
        int[] places = {7, 8, 1000, graph.length / 2, graph.length - 3000, graph.length - 1};
        for (int place : places) {
            byte[] bad = graph.clone();
            bad[place] ^= 1;
            Files.write(image.resolve(GRAPH), bad);
            if (place >= Long.BYTES) {
                says(restore(bundle, image, "two").expect(OURS), "restore failed: ");
            }
        }
        for (int length : new int[] {0, 1, 60, graph.length - 1}) {
            Files.write(image.resolve(GRAPH), java.util.Arrays.copyOf(graph, length));
            says(restore(bundle, image, "two").expect(OURS), "the image is damaged");
        }
        Files.write(image.resolve(GRAPH), graph);
        restore(bundle, image, "two").expect(0);
        runsc.call("delete", "--force", "two").expect(0);
        Path memory = image.resolve(MEMORY);
        try (FileChannel channel =
                FileChannel.open(memory, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long place = firstPiece(graph);
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, place);
            one.put(0, (byte) (one.get(0) ^ 1)).rewind();
            channel.write(one, place);
        }
        says(restore(bundle, image, "two").expect(OURS), "the image is damaged: pages.img");
        Files.delete(memory);
        says(restore(bundle, image, "two").expect(OURS), MEMORY);
        assertEquals(List.of("one"), runsc.containers());
    }

    /** Where the first piece of memory lies, as the end of the other file has it. */
    private static long firstPiece(byte[] graph) {
        ByteBuffer bytes = ByteBuffer.wrap(graph);
        int tail = graph.length - TAIL_BYTES;
        int pieces = bytes.getInt(tail + 12);
        int json = bytes.getInt(tail + 16);
        return bytes.getLong(tail - json - 16 * pieces);
    }

    @Test
    void aProgramRunsAround() throws Exception {
        Path hooks = folder("hooks");
        Path program = hooks.resolve("hook");
        Files.writeString(
                program,
                "#!/bin/sh\necho \"$GVISOR_SAVE_RESTORE_AUTO_EXEC_MODE $1\" | tee -a /mnt/log\n"
                        + "[ ! -e /mnt/fail ]\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        String bundle = bundle("a", IDLE, MOUNTS_END, further(bind(hooks, "/mnt", "\"rw\"")));
        start(bundle, "one");
        String around = "\"id\": \"one\", \"args\": [\"/mnt/hook\", \"x y\"], \"resume\": ";
        Path said = scratch.resolve("said");
        Path image = saved("one", around + "true", "w:" + said);
        assertEquals("save x y\nresume x y\n", Files.readString(said));
        restore(bundle, image, "two").expect(0);
        Path log = hooks.resolve("log");
        assertEquals("restore x y", Files.readAllLines(log).getLast());
        Path fail = Files.createFile(hooks.resolve("fail"));
        Path none = folder("none");
        String refused = save("one", "State.Save", around + "false", none, "w:" + said);
        assertTrue(refused.contains("has ended with 1"), refused);
        assertEquals(0, Files.size(none.resolve(GRAPH)), "nothing was written");
        assertEquals(List.of("well"), in("one", "echo well"));
        String unknown = around.replace("\"one\"", "\"none\"") + "true";
        assertTrue(save("one", "State.Save", unknown, none, "w:" + said).contains("NO_CONTAINER"));
        assertTrue(save("one", "State.Save", around + "true", none).contains("BAD_REQUEST"));
        says(restore(bundle, image, "three").expect(OURS), "has ended with 1");
        Files.delete(fail);
        saved("one", around + "false", "w:" + said);
        runsc.call("wait", "one").expect(0);
        assertEquals("save x y", Files.readAllLines(log).getLast());
    }

    @Test
    void aPodComesBack() throws Exception {
        Map<String, String> first =
                Map.of(
                        "io.kubernetes.cri.container-type", "sandbox",
                        "io.kubernetes.cri.sandbox-id", "POD");
        Map<String, String> second =
                Map.of(
                        "io.kubernetes.cri.container-type", "container",
                        "io.kubernetes.cri.sandbox-id", "POD",
                        "io.kubernetes.cri.container-name", "two");
        String[] bundles = {
            Bundle.writePod(scratch.resolve("first"), first, null, List.of(), IDLE).toString(),
            Bundle.writePod(scratch.resolve("second"), second, null, List.of(), IDLE).toString()
        };
        rename(bundles, "POD", "pod");
        start(bundles[0], "pod");
        start(bundles[1], "two");
        in("two", "echo kept > /tmp/kept");
        Path image = saved("pod", "\"resume\": false");
        runsc.call("wait", "pod").expect(0);
        runsc.call("delete", "pod").expect(0);
        runsc.call("delete", "two").expect(0);
        rename(bundles, "\"pod\"", "\"other\"");
        restore(bundles[0], image, "other").expect(0);
        restore(bundles[1], image, "again").expect(0);
        assertEquals(List.of("kept"), in("again", "cat /tmp/kept"));
    }

    private static void rename(String[] bundles, String from, String to) throws Exception {
        for (String bundle : bundles) {
            change(Path.of(bundle), from, to);
        }
    }

    @Test
    void filesComeBack() throws Exception {
        String bundle = bundle("a", IDLE);
        start(bundle, "one");
        in("one", "echo kept > /etc/kept; head -c 100000 /dev/zero | tr '\\0' x > /etc/large");
        Path image = folder("files");
        String paths = "\"paths\": [\"/\"], \"resume\": true";
        String answer = save("one", "containerManager.FSSave", paths, image);
        assertTrue(answer.contains("\"ok\":true"), answer);
        Path output = Files.createFile(scratch.resolve("output"));
        List<String> run = List.of("run", "--detach", "--bundle", bundle);
        List<String> words = new ArrayList<>(run);
        words.addAll(List.of("--fs-restore-image-path", image.toString(), "two"));
        runsc.callInto(output, words.toArray(String[]::new)).expect(0);
        assertEquals(List.of("kept"), in("two", "cat /etc/kept"));
        String counts = "tr -d x < /etc/large | wc -c; wc -c < /etc/large";
        assertEquals(List.of("0", "100000"), in("two", counts));
        Outcome processes = restore(bundle, image, "three").expect(OURS);
        says(processes, "is of file systems and has no processes");
        Path whole = saved("one", "\"resume\": true");
        words.set(words.size() - 2, whole.toString());
        Outcome wrong = runsc.callInto(output, words.toArray(String[]::new));
        assertFalse(wrong.status() == 0, wrong::toString);
    }
}
