package dev.runsc.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;

/** Writes OCI bundles. */
final class Bundles {
    private static final String CONFIG =
            """
            {
              "ociVersion": "1.0.2",
              "hostname": "benchmark",
              "root": {"path": @ROOT@, "readonly": true},
              "process": {
                "user": {"uid": 0, "gid": 0},
                "cwd": "/",
                "env": ["PATH=/usr/local/bin:/usr/bin:/bin"],
                "args": [@ARGUMENTS@]
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

    private static final List<String> FOLDERS = List.of("proc", "dev", "tmp");

    private static final List<String> FILES =
            List.of(
                    "bin/true",
                    "bin/sleep",
                    "lib64/ld-linux-x86-64.so.2",
                    "lib/x86_64-linux-gnu/libc.so.6");

    private Bundles() {}

    /**
     * A bundle with a root file system of its own: a few of the host's programs and what they need.
     *
     * @param scratch where it is made
     */
    static Path write(Path scratch, String name, List<String> arguments) throws IOException {
        Path root = scratch.resolve("root");
        if (!Files.exists(root)) {
            for (String folder : FOLDERS) {
                Files.createDirectories(root.resolve(folder));
            }
            for (String file : FILES) {
                Path copy = root.resolve(file);
                Files.createDirectories(copy.getParent());
                Files.copy(Path.of("/", file), copy, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return write(scratch.resolve(name), root, arguments);
    }

    /** A bundle over the host's root file system. */
    static Path writeHost(Path folder, List<String> arguments) throws IOException {
        return write(folder, Path.of("/"), arguments);
    }

    private static Path write(Path folder, Path root, List<String> arguments) throws IOException {
        Files.createDirectories(folder);
        String quoted = arguments.stream().map(Bundles::quote).collect(Collectors.joining(", "));
        String config =
                CONFIG.replace("@ROOT@", quote(root.toString())).replace("@ARGUMENTS@", quoted);
        Files.writeString(folder.resolve("config.json"), config);
        return folder;
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
