package dev.runsc.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The cgroups of the host, as far as tests look at them. */
final class HostCgroups {
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");

    private HostCgroups() {}

    private static boolean isVersion2() {
        return Files.exists(MOUNT.resolve("cgroup.controllers"));
    }

    /** The directory of a cgroup, below the root, in which a controller has its files. */
    static Path directory(String controller, String path) {
        return (isVersion2() ? MOUNT : MOUNT.resolve(controller)).resolve(path);
    }

    /** Why no cgroup can be made here; empty when one can. */
    static String obstacle() {
        for (String controller : List.of("memory", "cpu", "cpuset", "pids")) {
            Path probe = directory(controller, "runsc-probe-" + ProcessHandle.current().pid());
            try {
                Files.createDirectory(probe);
                Files.delete(probe);
                if (isVersion2()) {
                    String all = Files.readString(MOUNT.resolve("cgroup.controllers"));
                    if (!(" " + all.strip() + " ").contains(" " + controller + " ")) {
                        return "the host's cgroups have no controller " + controller;
                    }
                }
            } catch (IOException e) {
                return "cgroups cannot be made on this host: " + e;
            }
        }
        return "";
    }

    static String read(String controller, String path, String version1, String version2)
            throws IOException {
        Path directory = directory(controller, path);
        return Files.readString(directory.resolve(isVersion2() ? version2 : version1)).strip();
    }

    /** The names of the programs in a cgroup, by the first word of their command lines. */
    static List<String> programs(String path) throws IOException {
        List<String> names = new ArrayList<>();
        Path list = directory("memory", path).resolve("cgroup.procs");
        for (String pid : Files.readAllLines(list)) {
            names.add(Files.readString(Path.of("/proc", pid, "cmdline")).split("\0")[0]);
        }
        return names;
    }

    /** The directories of a cgroup that there are, in whatever hierarchy. */
    static List<Path> found(String path) throws IOException {
        List<Path> found = new ArrayList<>();
        try (var hierarchies = Files.list(MOUNT)) {
            hierarchies.map(each -> each.resolve(path)).filter(Files::exists).forEach(found::add);
        }
        if (Files.exists(MOUNT.resolve(path))) {
            found.add(MOUNT.resolve(path));
        }
        return found;
    }
}
