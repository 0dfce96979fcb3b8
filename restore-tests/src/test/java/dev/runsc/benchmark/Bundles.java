package dev.runsc.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Writes OCI bundles over the host's root file system, read-only. */
final class Bundles {
    private static final String CONFIG =
            """
            {
              "ociVersion": "1.0.2",
              "hostname": "benchmark",
              "root": {"path": "/", "readonly": true},
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

    private Bundles() {}

    static Path write(Path folder, List<String> arguments) throws IOException {
        Files.createDirectories(folder);
        String quoted = arguments.stream().map(Bundles::quote).collect(Collectors.joining(", "));
        Files.writeString(folder.resolve("config.json"), CONFIG.replace("@ARGUMENTS@", quoted));
        return folder;
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
