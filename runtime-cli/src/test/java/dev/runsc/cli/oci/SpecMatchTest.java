package dev.runsc.cli.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.base.Failure;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What may differ between a snapshot's spec and the one it is restored into. */
class SpecMatchTest {
    private static final String SPEC =
            """
            {
              "ociVersion": "1.2.0",
              "process": {
                "terminal": false, "user": {"uid": 1, "gid": 2}, "args": ["/bin/sh", "-c", "x"], "cwd": "/",
                "env": ["A=1"],
                "capabilities": {"bounding": ["CAP_KILL", "CAP_CHOWN"]},
                "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 9, "soft": 8}]
              },
              "root": {"path": "rootfs", "readonly": true},
              "hostname": "h",
              "mounts": [
                {"destination": "/d", "type": "bind", "source": "/one", "options": ["bind", "ro"]},
                {"destination": "/t", "type": "tmpfs", "source": "tmpfs"}
              ],
              "annotations": {"dev.gvisor.spec.mount.a.share": "pod", "other": "1"},
              "linux": {
                "namespaces": [{"type": "pid"}], "sysctl": {"a": "b"}, "cgroupsPath": "/c",
                "uidMappings": [{"containerID": 0, "hostID": 1, "size": 1}],
                "devices": [{"path": "/dev/a", "type": "c"}],
                "seccomp": {"defaultAction": "A"}, "resources": {"pids": {"limit": 1}}
              }
            }
            """;

    /** A change, and the field that it must be found in; none when it may be. */
    private record Change(String from, String to, String field) {}

    private static OciSpec read(String text) throws Failure {
        return OciReader.read("spec", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void changesAreFoundByField() throws Failure {
        List<Change> table =
                List.of(
                        new Change("\"1.2.0\"", "\"1.1.0\"", "OCI Version"),
                        new Change("\"readonly\": true", "\"readonly\": false", "Root.Readonly"),
                        new Change("[\"bind\", \"ro\"]", "[\"bind\"]", "Mounts"),
                        new Change("\"/t\"", "\"/u\"", "Mounts"),
                        new Change("\"pod\"", "\"container\"", "Annotations"),
                        new Change("\"terminal\": false", "\"terminal\": true", "Terminal"),
                        new Change("\"cwd\": \"/\"", "\"cwd\": \"/x\"", "Cwd"),
                        new Change("\"uid\": 1,", "\"uid\": 7,", "User"),
                        new Change("\"soft\": 8", "\"soft\": 7", "Rlimits"),
                        new Change("\"x\"]", "\"y\"]", "Args"),
                        new Change("\"CAP_KILL\", ", "", "Capabilities"),
                        new Change("{\"a\": \"b\"}", "{\"a\": \"c\"}", "Sysctl"),
                        new Change("\"A\"}", "\"B\"}", "Seccomp"),
                        new Change("/dev/a", "/dev/b", "Devices"),
                        new Change("\"size\": 1", "\"size\": 2", "UIDMappings"),
                        new Change("{\"type\": \"pid\"}", "{\"type\": \"uts\"}", "Namespace"));
        for (Change change : table) {
            assertTrue(SPEC.contains(change.from()), change.from());
            String difference =
                    SpecMatch.difference(
                            "__no_name_0",
                            read(SPEC),
                            read(SPEC.replace(change.from(), change.to())));
            assertEquals(
                    "\""
                            + change.field()
                            + "\" does not match across checkpoint restore for container: __no_name_0",
                    difference,
                    change.to());
        }
    }

    @Test
    void aMountMayBeThereTwiceWhenBothAreAlike() throws Failure {
        String mount = "{\"destination\": \"/t\", \"type\": \"tmpfs\", \"source\": \"tmpfs\"}";
        OciSpec twice = read(SPEC.replace(mount, mount + ", " + mount));
        assertNull(SpecMatch.difference("c", read(SPEC), twice));
        OciSpec another =
                read(SPEC.replace(mount, mount + ", " + mount.replace("\"tmpfs\",", "\"proc\",")));
        assertTrue(
                String.valueOf(SpecMatch.difference("c", read(SPEC), another))
                        .contains("\"Mounts\""));
    }

    @Test
    void whatBelongsToTheHostMayDiffer() throws Failure {
        List<Change> table =
                List.of(
                        new Change("\"h\"", "\"other\"", ""),
                        new Change("A=1", "A=2", ""),
                        new Change("\"/c\"", "\"/elsewhere\"", ""),
                        new Change("rootfs", "/other/root", ""),
                        new Change("/one", "/two", ""),
                        new Change("[\"bind\", \"ro\"]", "[\"ro\", \"bind\"]", ""),
                        new Change("/bin/sh", "/usr/bin/sh", ""),
                        new Change(
                                "\"CAP_KILL\", \"CAP_CHOWN\"", "\"CAP_CHOWN\", \"CAP_KILL\"", ""),
                        new Change("\"other\": \"1\"", "\"other\": \"2\"", ""),
                        new Change("\"limit\": 1", "\"limit\": 2", ""));
        for (Change change : table) {
            assertTrue(SPEC.contains(change.from()), change.from());
            OciSpec other = read(SPEC.replace(change.from(), change.to()));
            assertNull(SpecMatch.difference("__no_name_0", read(SPEC), other), change.to());
        }
        assertTrue(
                SpecMatch.resourcesDiffer(
                        read(SPEC), read(SPEC.replace("\"limit\": 1", "\"limit\": 2"))));
    }
}
