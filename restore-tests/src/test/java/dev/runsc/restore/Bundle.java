package dev.runsc.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes OCI bundles whose root file system is the folder of the guest programs. */
final class Bundle {
    /** Where the build has put the programs. */
    private static final Path BUILT = Runsc.CHECKOUT.resolve("restore-tests/target/guest");

    private static final List<String> CAPABILITIES =
            List.of(
                    "CAP_CHOWN",
                    "CAP_DAC_OVERRIDE",
                    "CAP_FOWNER",
                    "CAP_FSETID",
                    "CAP_KILL",
                    "CAP_MKNOD",
                    "CAP_SETFCAP",
                    "CAP_SETGID",
                    "CAP_SETUID",
                    "CAP_SYS_ADMIN",
                    "CAP_SYS_CHROOT",
                    "CAP_SYS_NICE",
                    "CAP_SYS_RESOURCE");

    private static final String CONFIG =
            """
            {
              "ociVersion": "1.0.2",
              "hostname": "guest",
              "root": {"path": @ROOT@, "readonly": true},
              "process": {
                "user": {"uid": 0, "gid": 0},
                "cwd": "/",
                "env": ["PATH=/guest"],
                "args": [@ARGUMENTS@],
                "capabilities": {"bounding": [@CAPABILITIES@], "effective": [@CAPABILITIES@], "permitted": [@CAPABILITIES@]}
              },
              "mounts": [
                {"destination": "/proc", "type": "proc", "source": "proc"},
                {"destination": "/dev", "type": "tmpfs", "source": "tmpfs"},
                {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"}
              ],
              "linux": {
                "namespaces": [
                  {"type": "pid"}, {"type": "mount"}, {"type": "uts"}, {"type": "ipc"},
                  {"type": "network"}
                ]
              }
            }
            """;

    private Bundle() {}

    /** Every capability, as root on the host has them. */
    private static final List<String> ALL_CAPABILITIES =
            List.of(
                    "CAP_CHOWN",
                    "CAP_DAC_OVERRIDE",
                    "CAP_DAC_READ_SEARCH",
                    "CAP_FOWNER",
                    "CAP_FSETID",
                    "CAP_KILL",
                    "CAP_MKNOD",
                    "CAP_SETFCAP",
                    "CAP_SETGID",
                    "CAP_SETUID",
                    "CAP_SETPCAP",
                    "CAP_SYS_ADMIN",
                    "CAP_SYS_CHROOT",
                    "CAP_SYS_CHROOT",
                    "CAP_SYS_NICE",
                    "CAP_SYS_PTRACE",
                    "CAP_SYS_RESOURCE");

    /** The root file system with the guest programs. */
    static Path guestRoot() {
        Path root = BUILT.resolve("root");
        if (!Files.isDirectory(root)) {
            throw new AssertionError(
                    root + " is missing: make -C restore-tests/src/guest OUT=" + BUILT);
        }
        return root;
    }

    /** The names of all guest tests. */
    static List<String> guestTests() {
        try {
            return Files.readAllLines(BUILT.resolve("tests.txt"));
        } catch (IOException e) {
            throw new AssertionError(guestRoot() + " has no list of tests", e);
        }
    }

    /** Writes a bundle that runs a program of the guest root. */
    static Path write(Path folder, List<String> arguments) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("config.json"), config(arguments));
        return folder;
    }

    /**
     * Writes a bundle that runs a program of the host's root.
     *
     * @param tmpfs a folder of the host that the program finds empty
     */
    static Path writeHost(Path folder, String tmpfs, List<String> arguments) throws IOException {
        Files.createDirectories(folder);
        String config =
                config(Path.of("/"), ALL_CAPABILITIES, arguments)
                        .replace("PATH=/guest", "PATH=/usr/bin:/bin")
                        .replace("\"readonly\": true", "\"readonly\": false")
                        .replace("\"/tmp\"", quote(tmpfs));
        Files.writeString(folder.resolve("config.json"), config);
        return folder;
    }

    /**
     * Writes a bundle for a container of a pod, which runs a shell script on the host's root.
     *
     * @param annotations that say which container it is
     * @param volume a folder of the host, at {@code /mnt} in the container; null for none
     * @param shared the kinds of namespace that the container shares with the pod's first
     */
    static Path writePod(
            Path folder,
            Map<String, String> annotations,
            @Nullable Path volume,
            List<String> shared,
            String script)
            throws IOException {
        writeHost(folder, "/tmp", List.of("/bin/sh", "-c", script));
        Path file = folder.resolve("config.json");
        String texts =
                annotations.entrySet().stream()
                        .map(entry -> quote(entry.getKey()) + ": " + quote(entry.getValue()))
                        .collect(Collectors.joining(", "));
        String config =
                Files.readString(file)
                        .replace("\"linux\": {", "\"annotations\": {" + texts + "}, \"linux\": {");
        if (volume != null) {
            config =
                    config.replace(
                            "\"mounts\": [",
                            "\"mounts\": [{\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": "
                                    + quote(volume.toString())
                                    + ", \"options\": [\"rbind\"]},");
        }
        for (String kind : shared) {
            config =
                    config.replace(
                            "{\"type\": \"" + kind + "\"}",
                            "{\"type\": \"" + kind + "\", \"path\": \"/proc/1/ns/" + kind + "\"}");
        }
        Files.writeString(file, config);
        return folder;
    }

    /** Writes a bundle that runs a program of the host's root on a terminal. */
    static Path writeOnTerminal(Path folder, List<String> arguments) throws IOException {
        Path file = writeHost(folder, "/tmp", arguments).resolve("config.json");
        String config = Files.readString(file);
        Files.writeString(file, config.replace("\"cwd\":", "\"terminal\": true, \"cwd\":"));
        return folder;
    }

    /** A program that the tests run on the host itself. */
    static Path hostProgram(String name) {
        return BUILT.resolve("host").resolve(name);
    }

    static String config(List<String> arguments) {
        return config(guestRoot(), CAPABILITIES, arguments);
    }

    private static String config(Path root, List<String> capabilities, List<String> arguments) {
        return CONFIG.replace("@ROOT@", quote(root.toString()))
                .replace("@ARGUMENTS@", quoted(arguments))
                .replace("@CAPABILITIES@", quoted(capabilities));
    }

    private static String quoted(List<String> texts) {
        return texts.stream().map(Bundle::quote).collect(Collectors.joining(", "));
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
