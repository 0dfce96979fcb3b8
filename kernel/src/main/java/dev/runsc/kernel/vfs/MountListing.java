package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.DeviceNumber;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.kernel.sync.KernelLock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Paths of locations (Linux d_path) and the texts of /proc/pid/mounts and mountinfo
 * (fs/proc_namespace.c).
 */
public final class MountListing {
    private MountListing() {}

    /**
     * The path of a place as somebody with this root sees it: with {@code " (deleted)"} for names
     * that are gone and {@code "(unreachable)"} in front when it lies outside.
     */
    public static String path(Location location, Location root) {
        String path = findPath(location, root);
        String shown = path == null ? "(unreachable)" + outside(location) : path;
        return location.dentry().isRemoved() ? shown + " (deleted)" : shown;
    }

    /** The path of a place below this root, or null when it lies outside. */
    public static @Nullable String findPath(Location location, Location root) {
        StringBuilder path = new StringBuilder();
        Mount mount = location.mount();
        Dentry dentry = location.dentry();
        while (mount != root.mount() || dentry != root.dentry()) {
            Dentry.Place place = dentry.place();
            if (dentry != mount.root() && place.parent() != null) {
                path.insert(0, place.name()).insert(0, '/');
                dentry = place.parent();
                continue;
            }
            if (dentry != mount.root()) {
                // A file without a name: shown by what stands for one.
                return path.insert(0, place.name()).insert(0, '/').toString();
            }
            Mount above = mount.parent();
            Dentry point = mount.mountPoint();
            if (above == null || point == null) {
                return null;
            }
            mount = above;
            dentry = point;
        }
        return path.isEmpty() ? "/" : path.toString();
    }

    private static String outside(Location location) {
        StringBuilder path = new StringBuilder();
        Mount mount = location.mount();
        Dentry dentry = location.dentry();
        while (true) {
            Dentry.Place place = dentry.place();
            if (dentry != mount.root() && place.parent() != null) {
                path.insert(0, place.name()).insert(0, '/');
                dentry = place.parent();
                continue;
            }
            Mount above = mount.parent();
            Dentry point = mount.mountPoint();
            if (above == null || point == null) {
                return path.isEmpty() ? "/" : path.toString();
            }
            mount = above;
            dentry = point;
        }
    }

    /** The lines of /proc/pid/mounts. */
    public static String mounts(MountNamespace namespace, Location root) {
        StringBuilder text = new StringBuilder();
        for (Mount mount : snapshot(namespace)) {
            String path = findPath(new Location(mount, mount.root()), root);
            if (path == null) {
                continue;
            }
            FileSystem fileSystem = mount.fileSystem();
            text.append(escape(mount.source())).append(' ').append(escape(path)).append(' ');
            text.append(fileSystem.typeName()).append(' ').append(flagText(mount));
            if (!fileSystem.options().isEmpty()) {
                text.append(',').append(fileSystem.options());
            }
            text.append(" 0 0\n");
        }
        return text.toString();
    }

    /** The lines of /proc/pid/mountinfo. */
    public static String mountInfo(MountNamespace namespace, Location root, Caller reader) {
        StringBuilder text = new StringBuilder();
        for (Mount mount : snapshot(namespace)) {
            String path = findPath(new Location(mount, mount.root()), root);
            if (path == null) {
                continue;
            }
            FileSystem fileSystem = mount.fileSystem();
            Mount parent = mount.parent();
            long device = fileSystem.deviceId();
            text.append(mount.id()).append(' ');
            text.append(parent == null ? mount.id() : parent.id()).append(' ');
            text.append(DeviceNumber.major(device))
                    .append(':')
                    .append(DeviceNumber.minor(device))
                    .append(' ');
            text.append(escape(fileSystem.shownPath(reader, insidePath(mount.root()))))
                    .append(' ')
                    .append(escape(path))
                    .append(' ');
            text.append(flagText(mount)).append(" - ").append(fileSystem.typeName()).append(' ');
            text.append(escape(mount.source())).append(' ');
            text.append(mount.isReadOnly() ? "ro" : "rw");
            if (!fileSystem.options().isEmpty()) {
                text.append(',').append(fileSystem.options());
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static List<Mount> snapshot(MountNamespace namespace) {
        KernelLock lock = namespace.root().fileSystem().vfs().mountLock();
        lock.lock();
        try {
            return new ArrayList<>(namespace.mounts());
        } finally {
            lock.unlock();
        }
    }

    /** The path of a dentry inside its file system. */
    private static String insidePath(Dentry dentry) {
        StringBuilder path = new StringBuilder();
        Dentry at = dentry;
        while (true) {
            Dentry.Place place = at.place();
            if (place.parent() == null) {
                return path.isEmpty() ? "/" : path.toString();
            }
            path.insert(0, place.name()).insert(0, '/');
            at = place.parent();
        }
    }

    private static String flagText(Mount mount) {
        StringBuilder text = new StringBuilder(mount.isReadOnly() ? "ro" : "rw");
        append(text, mount, MountFlags.MS_NOSUID, ",nosuid");
        append(text, mount, MountFlags.MS_NODEV, ",nodev");
        append(text, mount, MountFlags.MS_NOEXEC, ",noexec");
        append(text, mount, MountFlags.MS_NOATIME, ",noatime");
        append(text, mount, MountFlags.MS_NODIRATIME, ",nodiratime");
        append(text, mount, MountFlags.MS_RELATIME, ",relatime");
        append(text, mount, MountFlags.MS_NOSYMFOLLOW, ",nosymfollow");
        return text.toString();
    }

    private static void append(StringBuilder text, Mount mount, int flag, String name) {
        if (mount.has(flag)) {
            text.append(name);
        }
    }

    /** Linux mangle: blanks, tabs, newlines, backslashes and hashes as octal. */
    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (" \t\n\\#".indexOf(c) >= 0) {
                escaped.append('\\').append((char) ('0' + (c >> 6 & 7)));
                escaped.append((char) ('0' + (c >> 3 & 7))).append((char) ('0' + (c & 7)));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
