package dev.runsc.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.base.Failure;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Flags that a container's configuration sets. */
class FlagAnnotationsTest {
    private static final List<String> ALLOWED = List.of("--allow-flag-override");

    private static RuntimeConfig apply(List<String> flags, String name, String value)
            throws Failure {
        RuntimeConfig given = GlobalFlags.parse(flags.toArray(String[]::new)).config();
        return FlagAnnotations.apply(given, Map.of(FlagAnnotations.PREFIX + name, value));
    }

    private static String refusal(List<String> flags, String name, String value) {
        Failure failure = assertThrows(Failure.class, () -> apply(flags, name, value), name);
        assertTrue(failure.getMessage().contains(name), failure.getMessage());
        return failure.getMessage();
    }

    @Test
    void othersChangeNothing() throws Failure {
        RuntimeConfig given = GlobalFlags.parse(new String[] {"--strace"}).config();
        assertSame(given, FlagAnnotations.apply(given, Map.of("dev.gvisor.spec.x", "y")));
    }

    @Test
    void someAreHarmless() throws Failure {
        List<String> flags = List.of("--root", "/r", "--strace-syscalls=read");
        RuntimeConfig config = apply(flags, "strace", "true");
        assertEquals("read", config.trace());
        assertEquals("/r", config.root().toString());
        assertTrue(apply(flags, "debug", "1").debug());
        assertFalse(apply(List.of("--debug"), "debug", "false").debug());
        assertTrue(apply(flags, "gvisor-marker-file", "true").markerFile());
        assertTrue(apply(List.of("--overlay2=none"), "overlay2", "all:memory").overlayAll());
        assertTrue(apply(flags, "oci-seccomp", "true").rootOverlay());
    }

    @Test
    void theRestIsRefusedUnlessAllowed() throws Failure {
        Map<String, String> others =
                Map.of(
                        "overlay2", "none",
                        "rootless", "true",
                        "debug-log", "/etc/passwd",
                        "panic-log", "/etc/passwd",
                        "ignore-cgroups", "true",
                        "watchdog-action", "log",
                        "pause-at-syscall", "7",
                        "directfs", "false");
        for (Map.Entry<String, String> each : others.entrySet()) {
            String message = refusal(List.of(), each.getKey(), each.getValue());
            assertTrue(message.contains("--allow-flag-override"), message);
            refusal(List.of("--allow-flag-override=false"), each.getKey(), each.getValue());
            apply(ALLOWED, each.getKey(), each.getValue());
        }
        assertFalse(apply(ALLOWED, "overlay2", "none").rootOverlay());
    }

    @Test
    void someAreNeverTheContainers() {
        for (String name : List.of("root", "log", "log-format", "allow-flag-override")) {
            refusal(ALLOWED, name, "true");
        }
        for (String name : List.of("", "nope", "help", "version", "root=/x", "debug true")) {
            refusal(ALLOWED, name, "true");
        }
        refusal(List.of(), "strace-log-size", "many");
        refusal(List.of(), "debug", "perhaps");
        refusal(List.of(), "oci-seccomp", "false");
        refusal(ALLOWED, "network", "host --strace");
        refusal(ALLOWED, "overlay2", "dir=/etc");
    }
}
