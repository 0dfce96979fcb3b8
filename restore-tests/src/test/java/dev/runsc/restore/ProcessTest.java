package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Programs that are started in a container: what they get, and how their end is told. */
class ProcessTest extends ScriptTest {
    private static final String ARGUMENTS = "\"/bin/sh\", \"-c\", \"x\"";

    @Test
    void programsAreFoundAsInAShell() throws Exception {
        for (String good : List.of("sh", "/bin/sh", "bin/sh", "./bin/sh")) {
            String bundle = bundle("b", "x", ARGUMENTS, "\"" + good + "\", \"-c\", \"echo found\"");
            assertEquals(
                    List.of("found"), runsc.call("run", "-b", bundle, "c").expect(0).out(), good);
        }
        for (String bad : List.of("/etc", "etc/passwd", "this-is-nowhere", "")) {
            Outcome failed =
                    runsc.call("run", "-b", bundle("b", "x", ARGUMENTS, "\"" + bad + "\""), "c");
            says(failed.expect(OURS), "error finding executable \"" + bad + "\"");
        }
        assertEquals(List.of(), runsc.containers());
    }

    @Test
    void theEndOfAContainerIsKnownUntilItIsDeleted() throws Exception {
        start(bundle("a", "exit 27"), "ended");
        start(bundle("b", IDLE), "killed");
        runsc.call("kill", "killed", "KILL").expect(0);
        for (int i = 0; i < 2; i++) {
            says(runsc.call("wait", "ended").expect(0), "\"exitStatus\":27");
            says(runsc.call("wait", "killed").expect(0), "\"exitStatus\":137");
        }
        says(runsc.call("state", "ended").expect(0), "\"stopped\"");
        runsc.call("exec", "ended", "true").expect(OURS);
        runsc.call("ps", "ended").expect(OURS);
        runsc.call("delete", "ended", "killed").expect(0);
        runsc.call("wait", "ended").expect(OURS);
        try (var files = Files.list(runsc.root())) {
            assertEquals(List.of(), files.toList(), "nothing stays behind");
        }
    }

    /** The flag in each of its spellings: the copy that waits must not want a copy again. */
    @Test
    void execReturnsOnceTheProcessRuns() throws Exception {
        start(bundle("a", IDLE), "c");
        for (String flag : List.of("-d", "--detach", "-detach", "--detach=true")) {
            Path pid = scratch.resolve("pid" + flag);
            String words = String.join(" ", runsc.words());
            String exec = " exec " + flag + " --internal-pid-file " + pid + " c sleep 1000";
            HostClient.call(List.of("sh", "-c", words + exec + " >/dev/null 2>&1")).expect(0);
            says(runsc.call("ps", "c").expect(0), " " + Files.readString(pid) + " ");
        }
        runsc.call("delete", "--force", "c").expect(0);
    }

    /** A hook keeps the command until the sandbox has ended. */
    @Test
    void aProgramMayEndBeforeItsCommandReturns() throws Exception {
        String wait =
                "read -r state; pid=${state##*pid?:}; pid=${pid%%,*};"
                        + " until grep -q '^State:.Z' /proc/$pid/status; do sleep 0.05; done";
        String hooks =
                "\"hooks\": {\"poststart\": [{\"path\": \"/bin/sh\", \"env\": [\"PATH=/usr/bin:/bin\"],"
                        + " \"args\": [\"sh\", \"-c\", \""
                        + wait
                        + "\"]}]}, \"process\":";
        String bundle = bundle("short", "exit 3", "\"process\":", hooks);
        runsc.call("run", "--detach", "--bundle", bundle, "c").expect(0);
        says(runsc.call("wait", "c").expect(0), "\"exitStatus\":3");
        runsc.call("delete", "c").expect(0);
    }

    private String user(int uid, String environment, String capabilities) throws Exception {
        String all = Files.readString(scratch.resolve("plain/config.json"));
        String sets = all.replaceFirst("(?s).*\"capabilities\": (\\{.*?}).*", "$1");
        return bundle(
                "b" + uid,
                IDLE,
                "\"uid\": 0, \"gid\": 0",
                "\"uid\": %d, \"gid\": %d".formatted(uid, uid),
                "[\"PATH=/usr/bin:/bin\"]",
                environment,
                sets,
                capabilities,
                "\"cwd\":",
                "\"rlimits\": [{\"type\": \"RLIMIT_NOFILE\", \"soft\": 100, \"hard\": 200}], \"cwd\":");
    }

    @Test
    void execGetsWhatTheContainerHas() throws Exception {
        bundle("plain", IDLE);
        start(user(1234, "[\"PATH=/usr/bin:/bin\", \"V=1\", \"V=2\"]", "{}"), "c");
        assertEquals(
                List.of("1234 1234", "100 200", "/", "2", "guest"),
                in(
                        "c",
                        "echo $(id -u) $(id -g); echo $(ulimit -Sn) $(ulimit -Hn); echo $HOME;"
                                + " echo $V; hostname"));
        Outcome root =
                runsc.call("exec", "--user", "0", "--env", "V=3", "c", "sh", "-c", "echo $HOME $V");
        assertEquals(List.of("/root 3"), root.expect(0).out());
        assertEquals(
                List.of("/mine"),
                runsc.call("exec", "--env", "HOME=/mine", "c", "sh", "-c", "echo $HOME")
                        .expect(0)
                        .out());
        Path process =
                Files.writeString(
                        scratch.resolve("process.json"),
                        """
                        {"args": ["/bin/sh", "-c", "id -u; id -G; pwd; echo $A; ulimit -n"], "cwd": "/srv",
                         "env": ["A=b", "PATH=/usr/bin:/bin"], "user": {"uid": 7, "gid": 8, "additionalGids": [9]},
                         "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 50, "hard": 60}]}
                        """);
        assertEquals(
                List.of("7", "8 9", "/srv", "b", "50"),
                runsc.call("exec", "--process", process.toString(), "c").expect(0).out());
        runsc.call("exec", "c", "sh", "-c", "exit 5").expect(5);
        runsc.call("exec", "c", "sh", "-c", "kill -TERM $$").expect(128 + 15);
        says(runsc.call("exec", "c", "/no/such").expect(OURS), "no such file or directory");
        Files.writeString(process, "{\"args\": ");
        says(runsc.call("exec", "--process", process.toString(), "c").expect(OURS), "not valid");
    }

    /** As runc and gVisor do: the file is opened with what the process is to have. */
    @Test
    void capabilitiesOpenWhatPermissionsClose() throws Exception {
        bundle("plain", IDLE);
        Path data = Files.createDirectory(scratch.resolve("data"));
        Path program = Files.copy(Path.of("/bin/true"), data.resolve("program"));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        String bundle = user(343, "[\"PATH=/usr/bin:/bin\"]", "{}");
        change(Path.of(bundle), MOUNTS_END, further(bind(data, "/srv/data", "\"rbind\"")));
        start(bundle, "c");
        says(runsc.call("exec", "c", "/srv/data/program").expect(OURS), "permission denied");
        runsc.call("exec", "--cap", "CAP_DAC_OVERRIDE", "c", "/srv/data/program").expect(0);
        runsc.call("exec", "--user", "0", "c", "/srv/data/program").expect(0);
    }

    @Test
    void psShowsGroupsAndExecTakesDescriptors() throws Exception {
        start(bundle("a", "setsid sleep 1000 & sleep 1001 & wait"), "c");
        List<String[]> rows = new ArrayList<>();
        // A child is still a shell, in its parent's session, before it becomes another program.
        while (rows.stream().filter(row -> row[8].equals("sleep")).count() < 2) {
            rows.clear();
            for (String line : runsc.call("ps", "c").expect(0).out()) {
                if (line.endsWith(" sleep") || line.endsWith(" sh")) {
                    rows.add(line.trim().split("\\s+"));
                }
            }
        }
        // UID PID PPID PGID C TTY STIME TIME CMD
        for (String[] row : rows) {
            assertEquals("?", row[5], "nobody has a terminal");
        }
        assertEquals(List.of("1", "0", "1"), List.of(rows.get(0)).subList(1, 4));
        long ownGroup = rows.stream().filter(row -> row[1].equals(row[3])).count();
        assertEquals(2, ownGroup, "the first, and who made a session");
        Path file = Files.writeString(scratch.resolve("file"), "passed\n");
        String line =
                String.join(" ", runsc.words("exec", "--pass-fd", "9:7", "c", "cat", "/dev/fd/7"));
        Outcome outcome = HostClient.call(List.of("sh", "-c", "exec 9<" + file + "; " + line));
        assertEquals(List.of("passed"), outcome.expect(0).out());
        // Whoever has the root directory has the sandbox, in whatever mount namespace.
        List<String> elsewhere = new ArrayList<>(List.of("unshare", "-m", "--"));
        elsewhere.addAll(runsc.words("exec", "c", "readlink", "/proc/self/ns/mnt"));
        Outcome apart = HostClient.call(elsewhere).expect(0);
        assertTrue(apart.out().getFirst().startsWith("mnt:["), apart::toString);
        assertNotEquals(
                Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString(),
                apart.out().getFirst());
    }
}
