package dev.runsc.cli.cgroup;

import dev.runsc.cli.base.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where this host has its cgroups.
 *
 * @param version 1 or 2; a host with both has its controllers in version 1
 * @param places by controller ({@code memory}, {@code name=systemd}); version 2 has {@code unified}
 *     alone
 */
public record CgroupMounts(int version, Map<String, Place> places) {
    /** The key of version 2's only hierarchy. */
    static final String UNIFIED = "unified";

    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final Path OWN = Path.of("/proc/self/cgroup");

    /**
     * A hierarchy.
     *
     * @param mountPoint its directory
     * @param own the cgroup of this process within that directory, beginning with a slash
     */
    public record Place(Path mountPoint, String own) {
        /** The directory of a cgroup, given as in config.json. */
        Path directory(String cgroupsPath) {
            String within = cgroupsPath.startsWith("/") ? cgroupsPath : own + "/" + cgroupsPath;
            // Dots that lead upwards end at the root of the hierarchy.
            String clean = Path.of("/").resolve(within).normalize().toString().substring(1);
            return mountPoint.resolve(clean);
        }
    }

    /** Those of this process. */
    public static CgroupMounts ofHost() throws Failure {
        try {
            return parse(Files.readAllLines(MOUNTS), Files.readAllLines(OWN));
        } catch (IOException e) {
            throw new Failure("cgroups: " + Failure.reason(e), e);
        }
    }

    /** Reads the lines of /proc/PID/mountinfo and /proc/PID/cgroup (proc(5), cgroups(7)). */
    static CgroupMounts parse(List<String> mountInfo, List<String> ownCgroups) throws Failure {
        Map<String, String> own = new LinkedHashMap<>();
        for (String line : ownCgroups) {
            String[] fields = line.split(":", 3);
            if (fields.length == 3) {
                String controllers = fields[1].isEmpty() ? UNIFIED : fields[1];
                for (String controller : controllers.split(",")) {
                    own.put(controller, fields[2]);
                }
            }
        }
        Map<String, Place> first = new LinkedHashMap<>();
        Map<String, Place> second = new LinkedHashMap<>();
        for (String line : mountInfo) {
            String[] fields = line.split(" ");
            int dash = List.of(fields).indexOf("-");
            if (fields.length < 5 || dash < 0 || dash + 3 >= fields.length) {
                continue;
            }
            String root = unescape(fields[3]);
            Path point = Path.of(unescape(fields[4]));
            if (fields[dash + 1].equals("cgroup2")) {
                second.putIfAbsent(UNIFIED, place(point, root, own.get(UNIFIED)));
            } else if (fields[dash + 1].equals("cgroup")) {
                for (String option : fields[dash + 3].split(",")) {
                    if (own.containsKey(option)) {
                        first.putIfAbsent(option, place(point, root, own.get(option)));
                    }
                }
            }
        }
        boolean hasControllers = first.keySet().stream().anyMatch(name -> !name.contains("="));
        if (!hasControllers && second.isEmpty()) {
            throw new Failure("cgroups: no cgroup file system is mounted on this host");
        }
        return hasControllers ? new CgroupMounts(1, first) : new CgroupMounts(2, second);
    }

    /** A mount may show only what lies below some cgroup, its root. */
    private static Place place(
            Path point, String root, @org.jspecify.annotations.Nullable String own) {
        String path = own == null ? "/" : own;
        if (!root.equals("/") && (path.equals(root) || path.startsWith(root + "/"))) {
            path = path.substring(root.length());
        }
        return new Place(point, path.isEmpty() ? "/" : path);
    }

    /** Space, tabulator, line feed and backslash stand as three octal digits. */
    private static String unescape(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 3 < text.length()) {
                out.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
