package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Files that sandboxes hold in memory are saved alone, and new containers begin with them. */
class FileSaveTest extends ScriptTest {
    private static final String DATA = "{\"destination\": \"/data\", \"type\": \"tmpfs\"}";

    /** Changes of a root of the host: new, changed, hidden and replaced files. */
    private static final String FILL =
            """
            set -e
            mkdir -p /changed/deep/er
            echo text > /changed/file
            ln /changed/file /changed/deep/other
            ln -s ../nowhere /changed/link
            mkfifo /changed/fifo
            mknod /changed/null c 1 3
            head -c 3000000 /dev/urandom > /changed/random
            truncate -s 1G /changed/sparse
            echo end >> /changed/sparse
            chown 12:34 /changed/deep
            chmod 2750 /changed/deep
            touch -d @981158400 /changed/deep /changed/file
            rm -f /etc/hostname
            rm -rf /etc/init.d
            mkdir /etc/init.d
            echo new > /etc/init.d/new
            echo more >> /etc/passwd
            echo data > /data/file
            """;

    /** What is to be the same of them. */
    private static final String PROBE =
            """
            cd /changed
            stat -c '%n %s %b %h %f %u %g %Y %Z %T' file deep deep/other link fifo null random sparse
            readlink link
            cat file
            tail -c 4 sparse
            sha256sum random
            ls /etc/init.d
            [ ! -e /etc/hostname ] && tail -n 1 /etc/passwd
            [ file -ef deep/other ] && ls -U
            """;

    private String bundleWithData(String name, String options) throws IOException {
        String mount = DATA.replace("}", ", \"options\": [" + options + "]}");
        return bundle(name, IDLE, MOUNTS_END, further(mount));
    }

    private Outcome save(String id, Path store, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("fscheckpoint", "--image-path"));
        words.add(store.toString());
        words.addAll(List.of(more));
        words.add(id);
        return runsc.call(words.toArray(String[]::new));
    }

    private Outcome begin(String bundle, Path store, String id) throws Exception {
        Path output = Files.createTempFile(scratch, "output", "");
        return runsc.callInto(
                output,
                "run",
                "--detach",
                "--fs-restore-image-path",
                store.toString(),
                "--bundle",
                bundle,
                id);
    }

    private void refusesToBegin(String why, String bundle, Path store) throws Exception {
        Outcome outcome = begin(bundle, store, "refused").expect(OURS);
        assertEquals(1, outcome.err().size(), outcome::toString);
        says(outcome, why);
        assertTrue(!runsc.containers().contains("refused"), outcome::toString);
    }

    private void refuses(Outcome outcome, String why) {
        outcome.expect(OURS);
        assertEquals(1, outcome.err().size(), outcome::toString);
        says(outcome, why);
    }

    @Test
    void rootsComeBackAndProcessesDoNot() throws Exception {
        String bundle = bundleWithData("a", "");
        Path store = scratch.resolve("store");
        start(bundle, "one");
        in("one", FILL);
        List<String> before = in("one", PROBE);
        Command waiting = runsc.start("wait", "--fscheckpoint", "one");
        try (waiting) {
            save("one", store, "--leave-running").expect(0);
            assertEquals(before, in("one", PROBE), "it goes on as it was");
            // The command may have come too late for the first.
            while (!waiting.endsWithin(0)) {
                save("one", store, "--leave-running").expect(0);
            }
            waiting.awaitEnd().expect(0);
        }
        refuses(runsc.call("wait", "--fsrestore", "one"), "from no image");
        begin(bundle, store, "two").expect(0);
        runsc.call("wait", "--fsrestore", "two").expect(0);
        assertEquals(before, in("two", PROBE));
        assertEquals(List.of(), in("two", "ls /data"), "only the root was wanted");
        // What has come back is saved again, with what is new.
        in("two", "echo later > /changed/later; rm /changed/random");
        runsc.call("pause", "two").expect(0);
        Footprint all = Footprint.of(runsc, "two");
        save("two", store, "--path", "/", "--path", "/data").expect(0);
        all.awaitGone();
        says(runsc.call("state", "two").expect(0), "stopped");
        begin(bundle, store, "three").expect(0);
        assertEquals(
                List.of("later", "no"),
                in("three", "cat /changed/later; [ -e /changed/random ] || echo no"));
    }

    @Test
    void theOnesThatAreWanted() throws Exception {
        String bundle = bundleWithData("a", "\"size=1m\", \"mode=0700\"");
        Path store = scratch.resolve("store");
        Path output = Files.createTempFile(scratch, "output", "");
        runsc.callInto(output, "create", "--bundle", bundle, "made").expect(0);
        in("made", "chmod 0711 /data; echo data > /data/f; echo srv > /srv/f; echo root > /f");
        save("made", store, "--path", "all-tmpfs").expect(0);
        says(runsc.call("state", "made").expect(0), "stopped");
        begin(bundle, store, "all").expect(0);
        String show = "stat -c %a /data; cat /data/f /srv/f /f 2> /dev/null";
        assertEquals(List.of("711", "data", "srv", "root"), in("all", show));
        save("all", store, "--leave-running", "--path", "all:/data/").expect(0);
        begin(bundle, store, "one").expect(0);
        assertEquals(List.of("711", "data"), in("one", show + " || true"));
        // What covers a place is what is there.
        in("one", "mount -t tmpfs none /data; echo covered > /data/f");
        save("one", store, "--path", "/data").expect(0);
        begin(bundle, store, "two").expect(0);
        assertEquals(List.of("1777", "covered"), in("two", show + " || true"));
    }

    @Test
    void whatCannotBeSaved() throws Exception {
        Path store = scratch.resolve("store");
        start(bundleWithData("a", ""), "one");
        refuses(runsc.call("fscheckpoint", "one"), "image-path flag must be provided");
        refuses(save("one", store, "--path", "/nowhere"), "at /nowhere");
        refuses(save("one", store, "--path", "/proc"), "at /proc");
        refuses(save("one", store, "--path", "two:/"), "at / of container two");
        refuses(save("one", store, "--path", "data"), "\"data\" is not");
        refuses(save("one", store, "--path", "/", "--path", "/etc"), "at /etc");
        refuses(save("one", Files.createFile(scratch.resolve("file"))), "file");
        in("one", "umount /data && rmdir /data && ln -s /proc /data");
        refuses(save("one", store, "--path", "/data"), "at /data");
        assertEquals(List.of("well"), in("one", "echo well"), "it goes on");
        start(bundle("readonly", IDLE, "\"readonly\": false", "\"readonly\": true"), "ro");
        refuses(save("ro", store), "at /");
        runsc.call("kill", "one", "KILL").expect(0);
        runsc.call("wait", "one").expect(0);
        refuses(save("one", store), "cannot fscheckpoint");
    }

    @Test
    void imagesThatDoNotFit() throws Exception {
        String bundle = bundleWithData("a", "");
        Path store = scratch.resolve("store");
        start(bundle, "one");
        in("one", "head -c 100000 /dev/urandom > /data/f");
        save("one", store, "--path", "all-tmpfs", "--leave-running").expect(0);
        refusesToBegin("the image has /data", bundle("without", IDLE), store);
        refusesToBegin("files of /data: No space left", bundleWithData("b", "\"size=8k\""), store);
        String named =
                "\"annotations\": {\"io.kubernetes.cri.container-name\": \"x\"}, \"linux\": {";
        refusesToBegin(
                "nothing of container x", bundle("named", IDLE, "\"linux\": {", named), store);
        refusesToBegin("does not exist", bundle, scratch.resolve("none"));
        Outcome processes = restore(bundle, store, "refused").expect(OURS);
        says(processes, "no processes");
        Path whole = scratch.resolve("whole");
        runsc.call("checkpoint", "--image-path", whole.toString(), "one").expect(0);
        refusesToBegin("of a whole sandbox", bundle, whole);
        assertEquals(List.of("one"), runsc.containers());
    }

    /** Whatever is damaged, a container begins with what was saved, or there is none. */
    @Test
    void damagedStores() throws Exception {
        Path good = scratch.resolve("good");
        String bundle = bundleWithData("a", "");
        start(bundle, "one");
        in("one", FILL);
        List<String> before = in("one", PROBE);
        save("one", good).expect(0);
        int refused = 0;
        DamagedStores damage = new DamagedStores(good, scratch.resolve("damaged"));
        while (damage.next()) {
            Outcome outcome = begin(bundle, damage.store(), "two");
            if (outcome.status() == 0) {
                assertEquals(before, in("two", PROBE), damage::toString);
                runsc.call("delete", "--force", "two").expect(0);
            } else {
                assertEquals(OURS, outcome.status(), () -> damage + ": " + outcome);
                assertEquals(1, outcome.err().size(), () -> damage + ": " + outcome);
                assertEquals(List.of("one"), runsc.containers(), damage::toString);
                refused++;
            }
        }
        assertTrue(refused >= 4, "hardly any damage was seen: " + refused);
    }

    private static String annotations(Path store, String resume, String paths) {
        return """
        "annotations": {
          "dev.gvisor.internal.fscheckpoint.enable": "true",
          "dev.gvisor.internal.fscheckpoint.path": "%s",
          "dev.gvisor.internal.fscheckpoint.resume": "%s",
          "dev.gvisor.internal.fscheckpoint.paths": "%s",
          "dev.gvisor.internal.fscheckpoint.direct": "true"
        }, "linux": {\
        """
                .formatted(store, resume, paths);
    }

    @Test
    void programsAskForIt() throws Exception {
        Path store = scratch.resolve("store");
        String ask =
                """
                exec 3<>/proc/gvisor/fscheckpoint
                echo $WHO >> /srv/who
                echo 1 >&3
                cat <&3
                echo
                cat /srv/who
                exec sleep 1000
                """;
        for (String resume : List.of("true", "false")) {
            String bundle =
                    bundle(resume, ask, "\"linux\": {", annotations(store, resume, "/,/srv"));
            Path output = Files.createTempFile(scratch, "output", "");
            runsc.callInto(output, "run", "--detach", "--bundle", bundle, resume).expect(0);
            if (resume.equals("true")) {
                DebugTest.awaitText(output, "resume\n\n");
                assertEquals(
                        List.of("fscheckpoint", "kernel_is_gvisor"), in(resume, "ls /proc/gvisor"));
            } else {
                runsc.call("wait", resume).expect(0);
                assertEquals("", Files.readString(output));
            }
            String check = bundle("check" + resume, "wc -l < /srv/who");
            try (Command run =
                    runsc.start(
                            "run",
                            "--fs-restore-image-path",
                            store.toString(),
                            "--bundle",
                            check,
                            "check")) {
                assertEquals("1", run.nextLine(), run::toString);
                run.awaitEnd().expect(0);
            }
        }
        Path none = Files.createFile(scratch.resolve("none"));
        String bundle = bundle("failing", ask, "\"linux\": {", annotations(none, "true", "/"));
        Path output = Files.createTempFile(scratch, "output", "");
        Path errors = output.resolveSibling(output.getFileName() + ".errors");
        runsc.callInto(output, "run", "--detach", "--bundle", bundle, "failing").expect(0);
        DebugTest.awaitText(errors, "Input/output error");
    }

    /** The way back of {@code tar rootfs-upper}. */
    @Test
    void aRootBeginsWithAnArchive() throws Exception {
        Path archive = scratch.resolve("upper.tar");
        start(bundle("a", IDLE), "one");
        in("one", FILL.replace("echo data > /data/file", ""));
        in("one", "touch -d @981158400 /changed/*");
        String probe = PROBE.replace("%Z", "");
        List<String> before = in("one", probe);
        runsc.call("tar", "rootfs-upper", "--file", archive.toString(), "one").expect(0);
        String text = "\"annotations\": {\"dev.gvisor.tar.rootfs.upper%s\": \"%s\"}, \"linux\": {";
        String bundle = bundle("b", IDLE, "\"linux\": {", text.formatted("", archive));
        String allowed = "--allow-rootfs-tar-annotation";
        start(bundle, "two", allowed);
        assertEquals(before, in("two", probe));
        refuses(runsc.call("run", "--bundle", bundle, "three"), "needs " + allowed);
        String named = bundle("c", IDLE, "\"linux\": {", text.formatted(".__no_name_0", "none"));
        refuses(runsc.call(allowed, "run", "--bundle", named, "three"), "no absolute path");
        try (FileChannel file = FileChannel.open(archive, StandardOpenOption.WRITE)) {
            file.truncate(file.size() / 2);
        }
        refuses(runsc.call(allowed, "run", "--bundle", bundle, "three"), "ends early");
        Files.delete(archive);
        refuses(runsc.call(allowed, "run", "--bundle", bundle, "three"), "upper.tar");
        Files.createDirectory(archive);
        refuses(runsc.call(allowed, "run", "--bundle", bundle, "three"), "not a regular file");
        assertEquals(List.of("one", "two"), runsc.containers());
    }

    private static Map<String, String> ofPod(String type, String name) {
        Map<String, String> annotations = new HashMap<>();
        annotations.put("io.kubernetes.cri.container-type", type);
        annotations.put("io.kubernetes.cri.container-name", name);
        return annotations;
    }

    private String podBundle(String pod, String name, Path volume, String script)
            throws IOException {
        boolean first = name.equals("first");
        Map<String, String> annotations = ofPod(first ? "sandbox" : "container", name);
        annotations.put("io.kubernetes.cri.sandbox-id", pod);
        if (first) {
            annotations.put("dev.gvisor.spec.mount.v.source", volume.toString());
            annotations.put("dev.gvisor.spec.mount.v.type", "tmpfs");
            annotations.put("dev.gvisor.spec.mount.v.share", "pod");
        }
        Path folder = scratch.resolve(pod + "-" + name);
        return Bundle.writePod(folder, annotations, first ? null : volume, List.of(), script)
                .toString();
    }

    @Test
    void sharedVolumesComeBackOnce() throws Exception {
        Path volume = Files.createDirectory(scratch.resolve("volume"));
        Path store = scratch.resolve("store");
        start(podBundle("p", "first", volume, IDLE), "p");
        start(podBundle("p", "left", volume, IDLE), "l");
        start(podBundle("p", "right", volume, IDLE), "r");
        in("l", "echo shared > /mnt/f; echo left > /own");
        in("r", "echo right > /own; ln /mnt/f /mnt/g");
        save("r", store, "--leave-running", "--path", "all-tmpfs").expect(0);
        assertEquals(List.of("right", "shared"), in("r", "cat /own /mnt/g"), "it goes on");
        begin(podBundle("q", "first", volume, IDLE), store, "q").expect(0);
        begin(podBundle("q", "left", volume, IDLE), store, "ql").expect(0);
        in("ql", "echo changed >> /mnt/g");
        begin(podBundle("q", "right", volume, IDLE), store, "qr").expect(0);
        assertEquals(List.of("left"), in("ql", "cat /own"));
        assertEquals(List.of("right", "shared", "changed"), in("qr", "cat /own /mnt/f"));
        in("qr", "echo both >> /mnt/f");
        assertEquals(List.of("shared", "changed", "both"), in("ql", "cat /mnt/g"));
        runsc.call("wait", "--fsrestore", "qr").expect(0);
        // One that does not want the image begins empty, but for what is shared.
        start(podBundle("q", "new", volume, IDLE), "n");
        assertEquals(List.of("3", "no"), in("n", "wc -l < /mnt/f; [ -e /own ] || echo no"));
        // One container's root alone.
        save("p", store, "--path", "l:/").expect(0);
        refusesToBegin("nothing of container first", podBundle("o", "first", volume, IDLE), store);
    }

    private String control(String id, String request, String... files) throws Exception {
        List<String> words = new ArrayList<>();
        words.add(Bundle.hostProgram("control").toString());
        words.add(FloodTest.socketOf(runsc, id).toString());
        words.add("{\"method\": \"containerManager." + request + "}");
        words.addAll(List.of(files));
        return HostClient.call(words).expect(0).out().getFirst();
    }

    @Test
    void clientsSaveIntoTheirFiles() throws Exception {
        start(bundleWithData("a", ""), "one");
        in("one", "head -c 100000 /dev/zero | tr '\\0' x > /data/f");
        Path records = scratch.resolve("records");
        Path contents = scratch.resolve("contents");
        String request = "FSSave\", \"args\": {\"paths\": [\"/data\"], \"resume\": true}";
        String saved = control("one", request, "w:" + records, "w:" + contents);
        assertTrue(saved.contains("\"ok\":true"), saved);
        assertTrue(Files.size(records) > 100 && Files.size(records) < 4096);
        // It has the length of all memory, and holes where that is not saved.
        HostClient.call(List.of("grep", "-q", "xxxxxxxx", contents.toString())).expect(0);
        assertTrue(control("one", request, "w:" + records).contains("BAD_REQUEST"));
        String none = request.replace("/data", "/none");
        Path third = scratch.resolve("third");
        Path fourth = scratch.resolve("fourth");
        String failed = control("one", none, "w:" + third, "w:" + fourth);
        assertTrue(failed.contains("KERNEL"), failed);
        assertTrue(control("one", "FSSave\", \"args\": {}").contains("BAD_REQUEST"));
        assertTrue(control("one", "WaitFSRestore\", \"args\": {\"id\": \"x\"}").contains("NO_C"));
        assertEquals(List.of("well"), in("one", "echo well"));
    }
}
