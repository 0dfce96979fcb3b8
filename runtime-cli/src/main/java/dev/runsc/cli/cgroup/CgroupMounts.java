package dev.runsc.cli.cgroup;

import dev.runsc.cli.base.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
        /**
         * The directory of a cgroup, given as in config.json.
         *
         * @param version of cgroups(7). In version 2 a cgroup with processes passes no controllers
         *     on: what is relative lies beside that of this process, in version 1 below it, as with
         *     runc
         */
        Path directory(int version, String cgroupsPath) {
            boolean absolute = cgroupsPath.startsWith("/");
            String base = absolute ? "/" : version == 1 ? own : own + "/..";
            String within = Path.of("/").resolve(base).normalize() + clean(cgroupsPath);
            return mountPoint.resolve(Path.of("/").relativize(Path.of(within)));
        }

        /** With a slash in front; dots that lead upwards end where the path begins. */
        static String clean(String cgroupsPath) {
            return Path.of("/" + cgroupsPath).normalize().toString();
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
        for (Mount mount : visible(mounts(mountInfo))) {
            if (mount.type().equals("cgroup2")) {
                second.putIfAbsent(UNIFIED, place(mount, own.get(UNIFIED)));
            } else if (mount.type().equals("cgroup")) {
                for (String option : mount.options().split(",")) {
                    if (own.containsKey(option)) {
                        first.putIfAbsent(option, place(mount, own.get(option)));
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

    /** A line of mountinfo, as far as it matters here. */
    private record Mount(
            String id, String parent, String root, Path point, String type, String options) {}

    private static List<Mount> mounts(List<String> mountInfo) {
        List<Mount> mounts = new ArrayList<>();
        for (String line : mountInfo) {
            String[] fields = line.split(" ");
            int dash = List.of(fields).indexOf("-");
            if (dash >= 5 && dash + 3 < fields.length) {
                mounts.add(
                        new Mount(
                                fields[0],
                                fields[1],
                                unescape(fields[3]),
                                Path.of(unescape(fields[4])),
                                fields[dash + 1],
                                fields[dash + 3]));
            }
        }
        return mounts;
    }

    /**
     * Those that a path leads to: a mount hides what was mounted before at its place and below, and
     * the host goes on listing that.
     */
    private static List<Mount> visible(List<Mount> mounts) {
        Set<String> ids = mounts.stream().map(Mount::id).collect(Collectors.toSet());
        Map<String, List<Mount>> children = new HashMap<>();
        for (Mount mount : mounts) {
            // The first of all names a parent that is not listed, or itself.
            boolean hasParent = ids.contains(mount.parent()) && !mount.parent().equals(mount.id());
            String parent = hasParent ? mount.parent() : "";
            children.computeIfAbsent(parent, key -> new ArrayList<>()).add(mount);
        }
        return mounts.stream().filter(mount -> isVisible(mount, children)).toList();
    }

    private static boolean isVisible(Mount mount, Map<String, List<Mount>> children) {
        Mount there = at(mount.point(), children);
        // By the id: a record's equals takes 20 ms the first time.
        return there != null && there.id().equals(mount.id());
    }

    /** The mount that a path leads to, or null. */
    private static @Nullable Mount at(Path path, Map<String, List<Mount>> children) {
        Mount reached = null;
        Set<String> passed = new HashSet<>();
        String id = "";
        while (passed.add(id)) {
            // The first crossed on the way; at one place the last.
            Mount next = null;
            for (Mount child : children.getOrDefault(id, List.of())) {
                if (path.startsWith(child.point())
                        && (next == null || next.point().startsWith(child.point()))) {
                    next = child;
                }
            }
            if (next == null) {
                return reached;
            }
            reached = next;
            id = next.id();
        }
        return reached;
    }

    /** A mount may show only what lies below some cgroup, its root. */
    private static Place place(Mount mount, @Nullable String own) {
        String root = mount.root();
        String path = own == null ? "/" : own;
        if (!root.equals("/") && (path.equals(root) || path.startsWith(root + "/"))) {
            path = path.substring(root.length());
        }
        return new Place(mount.point(), path.isEmpty() ? "/" : path);
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
