package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a bundle says of Linux itself: filters, kernel parameters, users, devices. */
class LinuxSettingsTest {
    private static final int OURS = 128;

    /** EXDEV for a directory of mode 0700; the rest is as ever. */
    private static final String FILTER =
            "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{"
                    + "\"names\": [\"mkdir\", \"nosuchcall\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 18,"
                    + "\"args\": [{\"index\": 1, \"value\": 448, \"op\": \"SCMP_CMP_EQ\"}]}]}";

    private static final String USERS = "\"namespaces\": [{\"type\": \"user\"}, ";

    private static final String MAPS =
            "\"uidMappings\": [{\"containerID\": 0, \"hostID\": 100000, \"size\": 1000}],"
                    + "\"gidMappings\": [{\"containerID\": 0, \"hostID\": 200000, \"size\": 1000}],";

    @TempDir private Path scratch;

    private Runsc runsc;

    @BeforeEach
    void prepare() {
        runsc = new Runsc(scratch);
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
    }

    /** A bundle that runs a script on the host's root, with more in its {@code linux} object. */
    private String bundle(String script, String linux, String... fromTo) throws IOException {
        Path folder = scratch.resolve("bundle");
        Path file =
                Bundle.writeHost(folder, "/srv", List.of("/bin/sh", "-c", script))
                        .resolve("config.json");
        String config =
                Files.readString(file).replace("\"linux\": {", "\"linux\": {" + linux + " ");
        for (int i = 0; i < fromTo.length; i += 2) {
            assertTrue(config.contains(fromTo[i]), fromTo[i]);
            config = config.replace(fromTo[i], fromTo[i + 1]);
        }
        Files.writeString(file, config);
        return folder.toString();
    }

    private Outcome run(String bundle) throws Exception {
        return runsc.call("run", "--bundle", bundle, "c");
    }

    private void refuses(String name, String linux) throws Exception {
        Outcome outcome = run(bundle("true", linux)).expect(OURS);
        assertEquals(1, outcome.err().size(), outcome::toString);
        assertTrue(outcome.err().getFirst().contains(name), outcome::toString);
        assertEquals(List.of(), runsc.containers());
    }

    private void filterHolds(String id) throws Exception {
        String script =
                "mkdir -m 755 /srv/$$ && ! mkdir -m 700 /srv/b 2>&1 && grep -c Seccomp:.2 /proc/self/status";
        List<String> out = runsc.call("exec", id, "sh", "-c", script).expect(0).out();
        assertEquals("1", out.getLast(), out::toString);
    }

    @Test
    void aFilterHoldsForAllProcessesAndAfterARestore() throws Exception {
        String perl = "perl -e 'exit(mkdir(\"/srv/a\", 0700) ? 1 : $!+0)'; echo $?; ";
        String bundle = bundle(perl + "exec sleep 1000", FILTER + ",");
        Path out = scratch.resolve("out");
        runsc.callInto(out, "run", "--detach", "--bundle", bundle, "one").expect(0);
        filterHolds("one");
        String image = scratch.resolve("image").toString();
        runsc.call("checkpoint", "--image-path", image, "one").expect(0);
        runsc.call("delete", "--force", "one").expect(0);
        assertEquals("18", Files.readString(out).strip());
        runsc.callInto(out, "restore", "--detach", "--bundle", bundle, "--image-path", image, "two")
                .expect(0);
        filterHolds("two");
        runsc.call("delete", "--force", "two").expect(0);
    }

    @Test
    void filtersThatAreNone() throws Exception {
        refuses("SCMP_ACT_NOTIFY", "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_NOTIFY\"},");
        refuses("SCMP_ACT_X", "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_X\"},");
        refuses(
                "SCMP_ARCH_X",
                "\"seccomp\": {\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X\"]},");
        Outcome features = runsc.call("features").expect(0);
        String text = String.join("\n", features.out());
        assertTrue(text.matches("(?s).*\"seccomp\": \\{\\s*\"enabled\": true.*"), text);
    }

    @Test
    void kernelParametersAreSet() throws Exception {
        String sysctl =
                "\"sysctl\": {\"kernel.shmmax\": \"123456\", \"kernel/msgmax\": \"4321\","
                        + " \"kernel.domainname\": \"d.example\", \"kernel.sem\": \"300 32000 100 200\","
                        + " \"kernel.shm_rmid_forced\": \"0\", \"net.ipv4.ping_group_range\": \"0 7\"},"
                        + "\"readonlyPaths\": [\"/proc/sys\"],";
        String script =
                "cd /proc/sys; cat kernel/shmmax kernel/msgmax kernel/domainname kernel/sem"
                        + " net/ipv4/ping_group_range; ! echo 1 2>/dev/null > kernel/shmmax";
        assertEquals(
                List.of("123456", "4321", "d.example", "300\t32000\t100\t200", "0\t7"),
                run(bundle(script, sysctl)).expect(0).out());
        refuses("kernel.nosuch", "\"sysctl\": {\"kernel.nosuch\": \"1\"},");
        refuses("net.ipv9.x", "\"sysctl\": {\"net.ipv9.x\": \"1\"},");
        refuses("kernel.msgmni", "\"sysctl\": {\"kernel.msgmni\": \"many\"},");
        refuses("kernel.osrelease", "\"sysctl\": {\"kernel.osrelease\": \"1\"},");
        refuses("../..", "\"sysctl\": {\"../../etc/passwd\": \"1\"},");
    }

    @Test
    void usersAreMapped() throws Exception {
        Path data = Files.createDirectory(scratch.resolve("data"));
        Files.setAttribute(data, "unix:uid", 100007);
        Files.setAttribute(data, "unix:gid", 200008);
        String mount =
                "\"mounts\": [{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \""
                        + data
                        + "\"},";
        String script =
                "id -u; id -g; cat /proc/self/uid_map; stat -c %u:%g /mnt /srv /etc; echo > /mnt/file;"
                        + " stat -c %u:%g /mnt/file; ! hostname x 2>/dev/null; echo > /mnt/done; sleep 1000";
        String bundle =
                bundle(
                        script,
                        MAPS,
                        "\"namespaces\": [",
                        USERS,
                        "\"uid\": 0, \"gid\": 0",
                        "\"uid\": 7, \"gid\": 8",
                        "\"mounts\": [",
                        mount);
        Path out = scratch.resolve("out");
        runsc.callInto(out, "run", "--detach", "--bundle", bundle, "c").expect(0);
        String root =
                "until [ -e /mnt/done ]; do sleep 0.1; done; mkdir /srv/x; stat -c %u:%g /srv/x; chown 5:6 /mnt/file; cat /proc/self/gid_map";
        List<String> told =
                runsc.call("exec", "--user", "0:0", "c", "sh", "-c", root).expect(0).out();
        assertEquals("0:0", told.getFirst());
        assertEquals(List.of("0", "200000", "1000"), List.of(told.getLast().strip().split("\\s+")));
        runsc.call("delete", "--force", "c").expect(0);
        List<String> lines = Files.readAllLines(out);
        assertEquals(List.of("7", "8"), lines.subList(0, 2));
        assertEquals(List.of("0", "100000", "1000"), List.of(lines.get(2).strip().split("\\s+")));
        assertEquals(List.of("7:8", "0:0", "65534:65534", "7:8"), lines.subList(3, 7));
        assertEquals(100005, Files.getAttribute(data.resolve("file"), "unix:uid"));
        assertEquals(200006, Files.getAttribute(data.resolve("file"), "unix:gid"));
        String nobody =
                bundle(
                        "true",
                        MAPS,
                        "\"namespaces\": [",
                        USERS,
                        "\"uid\": 0, \"gid\": 0",
                        "\"uid\": 1000, \"gid\": 0");
        assertTrue(run(nobody).expect(OURS).err().getFirst().contains("user 1000"));
    }

    @Test
    void devicesAreMade() throws Exception {
        String devices =
                "\"devices\": ["
                        + "{\"path\": \"/dev/nought\", \"type\": \"c\", \"major\": 1, \"minor\": 5,"
                        + " \"fileMode\": 416, \"uid\": 3, \"gid\": 4},"
                        + "{\"path\": \"/dev/null\", \"type\": \"c\", \"major\": 1, \"minor\": 3, \"fileMode\": 384},"
                        + "{\"path\": \"/dev/below/fifo\", \"type\": \"p\"},"
                        + "{\"path\": \"/dev/fuse\", \"type\": \"c\", \"major\": 10, \"minor\": 229}],";
        String script =
                "stat -c '%F %a %u %g %t,%T' /dev/nought /dev/null /dev/below/fifo;"
                        + " head -c 3 /dev/nought | od -An -tx1; cat /dev/fuse";
        Outcome outcome = run(bundle(script, devices)).expect(1);
        assertEquals(
                List.of(
                        "character special file 640 3 4 1,5",
                        "character special file 600 0 0 1,3",
                        "fifo 666 0 0 0,0",
                        " 00 00 00"),
                outcome.out());
        assertTrue(outcome.err().getLast().contains("No such device or address"));
        refuses("dev/x", "\"devices\": [{\"path\": \"dev/x\", \"type\": \"c\"}],");
        refuses("type \"z\"", "\"devices\": [{\"path\": \"/dev/x\", \"type\": \"z\"}],");
    }

    /** A device of the host that is bound into a container is served by our kernel's own. */
    @Test
    void aCharacterDeviceIsBound() throws Exception {
        String mount =
                "\"mounts\": [{\"destination\": \"/mnt/n\", \"type\": \"bind\", \"source\": \"/dev/zero\"},";
        String script = "head -c 2 /mnt/n | od -An -tx1; echo x > /mnt/n && stat -c %t,%T /mnt/n";
        assertEquals(
                List.of(" 00 00", "1,5"),
                run(bundle(script, "", "\"mounts\": [", mount)).expect(0).out());
    }
}
