package dev.runsc.cli.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.oci.OciProcess.CapabilitySets;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Reading config.json: what it means, and that nothing hostile gets through. */
class OciReaderTest {
    private static final String FULL =
            """
            {
              "ociVersion": "1.2.0",
              "process": {
                "terminal": false,
                "user": {"uid": 1000, "gid": 4294967294, "umask": 63, "additionalGids": [5, 6]},
                "args": ["/bin/sh", "-c", "true"],
                "env": ["PATH=/bin", "A=b=c"],
                "cwd": "/work",
                "capabilities": {
                  "bounding": ["CAP_CHOWN", "CAP_KILL"], "effective": ["cap_chown"], "permitted": ["CAP_BPF"]
                },
                "rlimits": [{"type": "RLIMIT_NOFILE", "hard": 18446744073709551615, "soft": 1024}],
                "noNewPrivileges": true,
                "oomScoreAdj": -5,
                "apparmorProfile": "ignored"
              },
              "root": {"path": "rootfs", "readonly": true},
              "hostname": "box",
              "mounts": [
                {"destination": "/proc", "type": "proc", "source": "proc"},
                {"destination": "/data", "source": "/srv", "options": ["rbind", "ro"]}
              ],
              "hooks": {"prestart": [{"path": "/bin/true", "args": ["true"], "timeout": 3}]},
              "annotations": {"k": "v"},
              "linux": {
                "namespaces": [{"type": "pid"}, {"type": "network", "path": "/run/ns"}],
                "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}],
                "maskedPaths": ["/proc/kcore"],
                "readonlyPaths": ["/proc/sys"],
                "devices": [{"path": "/dev/x", "type": "c", "major": 1, "minor": 2}],
                "sysctl": {"net.x": "1"},
                "cgroupsPath": "/c",
                "resources": {"pids": {"limit": 3}},
                "seccomp": {"defaultAction": "SCMP_ACT_ALLOW"}
              }
            }
            """;

    private static OciSpec read(String text) throws Failure {
        return OciReader.read("config.json", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everythingWeActOnIsRead() throws Failure {
        OciSpec spec = read(FULL);
        OciProcess process = spec.process();
        assertEquals("1.2.0", spec.ociVersion());
        assertEquals(List.of("/bin/sh", "-c", "true"), process.args());
        assertEquals(new OciProcess.User(1000, -2, 63, List.of(5, 6)), process.user());
        assertEquals(new CapabilitySets(1 | 1 << 5, 1, 0, 1L << 39, 0), process.capabilities());
        assertEquals(new OciProcess.Rlimit(1024, -1), process.rlimits().get("RLIMIT_NOFILE"));
        assertTrue(process.noNewPrivileges());
        assertEquals(-5, process.oomScoreAdj());
        assertEquals(new OciSpec.Root("rootfs", true), spec.root());
        assertFalse(spec.mounts().get(0).isBind());
        assertTrue(spec.mounts().get(1).isBind());
        assertEquals(3, present(spec.hooks().get("prestart")).get(0).timeoutSeconds());
        assertEquals(List.of("/proc/kcore"), spec.linux().maskedPaths());
        assertEquals("{\"pids\":{\"limit\":3}}", spec.linux().resources());
        assertEquals("__no_name_0", spec.containerName("c"));
        assertEquals(FULL, spec.json());
    }

    private static <T> T present(@Nullable T value) {
        if (value == null) {
            throw new AssertionError("absent");
        }
        return value;
    }

    @Test
    void theTemplateIsASpec() throws Failure {
        OciSpec spec = read(SpecText.template(List.of("sh"), "/", ""));
        assertEquals(List.of("sh"), spec.process().args());
        assertEquals("rootfs", spec.root().path());
    }

    /** What is wrong, and a part of what must be said about it. */
    private record Bad(String from, String to, String message) {}

    @Test
    void nonsenseIsRefusedInOneLine() {
        List<Bad> table =
                List.of(
                        new Bad(
                                "\"args\": [\"/bin/sh\", \"-c\", \"true\"]",
                                "\"args\": []",
                                "process.args"),
                        new Bad("\"args\": [", "\"args\": [7, ", "expected a string"),
                        new Bad(
                                "\"cwd\": \"/work\"",
                                "\"cwd\": \"work\"",
                                "process.cwd must be an absolute path"),
                        new Bad("\"path\": \"rootfs\"", "\"path\": \"\"", "root.path"),
                        new Bad("CAP_KILL", "CAP_FLY", "unknown capability \"CAP_FLY\""),
                        new Bad("RLIMIT_NOFILE", "RLIMIT_X", "unknown rlimit \"RLIMIT_X\""),
                        new Bad("\"soft\": 1024", "\"soft\": -1", "not within"),
                        new Bad(
                                "\"hard\": 18446744073709551615",
                                "\"hard\": 1",
                                "above the hard one"),
                        new Bad("\"uid\": 1000", "\"uid\": 4294967295", "not within"),
                        new Bad("\"uid\": 1000", "\"uid\": -1", "not within"),
                        new Bad("\"umask\": 63", "\"umask\": 512", "not within"),
                        new Bad("\"type\": \"pid\"", "\"type\": \"moon\"", "unknown namespace"),
                        new Bad(
                                "\"type\": \"pid\"",
                                "\"type\": \"network\"",
                                "duplicate namespace"),
                        new Bad(
                                "\"path\": \"/bin/true\"",
                                "\"path\": \"true\"",
                                "path for hook is not absolute"),
                        new Bad("\"/proc/kcore\"", "\"proc/kcore\"", "not an absolute path"),
                        new Bad("\"/bin/sh\"", "\"/bin/\\u0000sh\"", "zero byte"),
                        new Bad("\"destination\": \"/data\",", "", "mount without destination"),
                        new Bad("\"oomScoreAdj\": -5", "\"oomScoreAdj\": -5000", "not within"),
                        new Bad(
                                "\"hostname\": \"box\"",
                                "\"hostname\": \"" + "x".repeat(65) + "\"",
                                "64"),
                        new Bad(
                                "\"terminal\": false",
                                "\"terminal\": \"no\"",
                                "expected true or false"),
                        new Bad(
                                "\"linux\": {",
                                "\"windows\": {}, \"linux\": {",
                                "not a container for Linux"));
        for (Bad bad : table) {
            assertTrue(FULL.contains(bad.from()), bad.from());
            Failure failure =
                    assertThrows(
                            Failure.class,
                            () -> read(FULL.replace(bad.from(), bad.to())),
                            bad.to());
            assertTrue(failure.getMessage().contains(bad.message()), failure.getMessage());
            assertTrue(failure.getMessage().contains("config.json: line "), failure.getMessage());
            assertFalse(failure.getMessage().contains("\n"), failure.getMessage());
        }
    }

    @Test
    void noDocumentIsNoSpec() {
        for (String text :
                List.of("", "{}", "[]", "null", "{\"root\":{\"path\":\"/\"}}", "<xml/>")) {
            assertThrows(Failure.class, () -> read(text), text);
        }
    }

    /** Whatever comes in, a spec or a Failure comes out: no other exception, no endless loop. */
    @Test
    void damagedTextNeverEscapes() {
        long seed = Long.getLong("seed", 1);
        Random random = new Random(seed);
        byte[] good = FULL.getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 3_000; round++) {
            byte[] bytes = good.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            byte[] cut =
                    random.nextInt(3) == 0
                            ? Arrays.copyOf(bytes, random.nextInt(bytes.length))
                            : bytes;
            try {
                OciReader.read("config.json", cut);
            } catch (Failure e) {
                assertFalse(e.getMessage().isEmpty());
            } catch (RuntimeException | Error e) {
                throw new AssertionError("-Dseed=" + seed + " round " + round, e);
            }
        }
    }
}
